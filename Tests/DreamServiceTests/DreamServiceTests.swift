import Testing

@testable import DreamService
