import Testing

@testable import ModelLibrary
