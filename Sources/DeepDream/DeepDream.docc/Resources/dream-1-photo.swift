import DeepDream
import Foundation
import Imaging
import VisionNet

let photoFile = URL(fileURLWithPath: "photo.jpg")
let photo = try ImageDecoder().decode([UInt8](Data(contentsOf: photoFile)))
