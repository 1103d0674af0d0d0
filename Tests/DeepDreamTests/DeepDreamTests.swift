import Testing

@testable import DeepDream
