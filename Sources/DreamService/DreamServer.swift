import DeepDream
import Dispatch
import Glibc
import HTTPServer
import Logging
import ModelLibrary
import VisionNet

