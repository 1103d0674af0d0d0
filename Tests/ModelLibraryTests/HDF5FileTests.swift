import ModelLibrary
import Testing

@Suite("HDF5 files")
struct HDF5FileTests {
    let file: HDF5File

    init() throws {
        file = try HDF5File(path: Fixtures.path("outward.h5"))
    }

    @Test("give their own values")
    func inside() throws {
        #expect(try file.shape(of: "/inside") == [4])
        #expect(try file.values(of: "/inside", shape: [4]) == [0, 1, 2, 3])
    }

    @Test("do not follow links to elsewhere", arguments: ["/soft_link", "/external_link"])
    func links(place: String) throws {
        #expect(try file.shape(of: place) == nil)
    }

    @Test("do not read values that are stored elsewhere", arguments: ["/external_values", "/virtual_values"])
    func values(place: String) throws {
        #expect(((try? file.shape(of: place)) ?? nil) == nil)
    }

    @Test("refuse whole numbers and groups in place of tensors")
    func otherObjects() throws {
        #expect(throws: KerasFileError.self) { try file.shape(of: "/whole_numbers") }
        #expect(throws: KerasFileError.self) { try file.shape(of: "/") }
        #expect(try file.shape(of: "/nowhere") == nil)
        #expect(try file.shape(of: "/nowhere/at/all") == nil)
    }

    @Test("list the names of a group")
    func names() throws {
        #expect(
            try file.names(in: "/") == [
                "external_link", "external_values", "inside", "soft_link", "virtual_values", "whole_numbers",
            ])
        #expect(try file.names(in: "/inside") == nil)
    }
}
