import Testing

@testable import VisionNet
