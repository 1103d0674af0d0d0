import Foundation
import TestSupport
import Testing
import VisionNet

/// Valid and hostile safetensors files.
@Suite("Safetensors files")
struct SafetensorsFileTests {
    /// A file in memory that lives as long as the process.
    private func file(_ json: String, data: [UInt8] = [], length: UInt64? = nil) throws -> SafetensorsFile {
        let header = withUnsafeBytes(of: (length ?? UInt64(json.utf8.count)).littleEndian) { [UInt8]($0) }
        let bytes = header + Array(json.utf8) + data
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyBytes(from: bytes)
        return try SafetensorsFile(staticBytes: UnsafeRawBufferPointer(copy), name: "test")
    }

    private func isMalformed(_ json: String, data: [UInt8] = [], length: UInt64? = nil) -> Bool {
        do {
            _ = try file(json, data: data, length: length)
            return false
        } catch ModelError.malformed {
            return true
        } catch {
            return false
        }
    }

    @Test("reads every half-precision number exactly")
    func halves() throws {
        let data = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let file = try file(#"{"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#, data: data)
        let values = try file.tensor(named: "h", shape: [65536])
        for (bits, value) in values.enumerated() {
            let (exponent, mantissa) = (bits >> 10 & 31, Double(bits & 1023))
            let magnitude: Double =
                switch exponent {
                case 0: mantissa * 0x1p-24
                case 31: mantissa == 0 ? Double.infinity : Double.nan
                default: (1 + mantissa / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
                }
            let expected = bits & 0x8000 == 0 ? magnitude : -magnitude
            let isSame = expected.isNaN ? value.isNaN : Double(value) == expected && value.sign == expected.sign
            #expect(isSame, "\(bits) is \(value), not \(expected)")
        }
    }

    @Test("reads float32 at any alignment, and an empty tensor")
    func floats() throws {
        let data: [UInt8] = [0, 0, 128, 63, 0, 0, 32, 192]
        let file = try file(
            #"{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
                + #""e":{"dtype":"F32","shape":[0,3],"data_offsets":[8,8]}}"#, data: data)
        #expect(try file.tensor(named: "x", shape: [1, 2]) == [1, -2.5])
        #expect(try file.tensor(named: "e", shape: [0, 3]) == [])
        #expect(file.metadata == ["a": "b"])
        #expect(throws: ModelError.wrongShape(tensor: "x", found: [1, 2], expected: [2], file: "test")) {
            try file.tensor(named: "x", shape: [2])
        }
        #expect(throws: ModelError.missingTensor(name: "y", file: "test")) { try file.check("y", shape: []) }
    }

    @Test("what is written can be read, even if a process with the same ID was killed while it wrote")
    func written() async throws {
        try await TestFiles.withDirectory { directory in
            let path = directory.appending(path: "model.safetensors").path
            #expect(FileManager.default.createFile(atPath: "\(path).\(getpid()).partial", contents: Data()))
            try SafetensorsWriter.write(to: path, tensors: [("x", [2, 1])], metadata: ["a": "b"]) { _ in [1, -2.5] }
            let file = try SafetensorsFile(path: path)
            #expect(try file.tensor(named: "x", shape: [2, 1]) == [1, -2.5])
            #expect(file.metadata == ["a": "b"])
        }
    }

    @Test("the error names a file that cannot be written")
    func unwritable() throws {
        let error = #expect(throws: ModelError.self) {
            try SafetensorsWriter.write(to: "/nowhere/model", tensors: [], metadata: [:]) { _ in [] }
        }
        if let error { #expect("\(error)".hasPrefix("/nowhere/model"), "\(error)") }
    }

    @Test(
        "refuses headers that do not match the data",
        arguments: [
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}"#,
            #"{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
            #"{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
            #"{"x":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#,
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
            #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,9223372036854775807]}}"#,
            #"{"x":{"dtype":"F32","shape":[4611686018427387904,4,2],"data_offsets":[0,8]}}"#,
            #"{"x":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,8]}}"#,
            #"{"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#,
            #"{"x":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#,
            #"{"x":1}"#, "[]", "{", "", #"{"__metadata__":{"a":1}}"#,
        ])
    func hostileHeaders(json: String) {
        #expect(isMalformed(json, data: [UInt8](repeating: 0, count: 8)))
    }

    @Test(
        "refuses a header longer than the file",
        arguments: [
            3, 1 << 20, 1 << 40, UInt64(Int64.max), UInt64.max,
        ] as [UInt64])
    func hostileLengths(length: UInt64) {
        #expect(isMalformed("{}", length: length))
    }

    @Test("refuses a deeply nested header")
    func nesting() {
        #expect(isMalformed(String(repeating: "[", count: 1 << 20)))
        #expect(isMalformed(String(repeating: #"{"a":"#, count: 200_000)))
    }

    @Test("refuses a file too short for a header", arguments: 0..<8)
    func short(count: Int) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 1)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: [UInt8](repeating: 0, count: max(1, count)))
        #expect(throws: ModelError.self) {
            try SafetensorsFile(staticBytes: UnsafeRawBufferPointer(rebasing: bytes[0..<count]), name: "short")
        }
    }

    @Test("a file that is cut short or overwritten while it is open is an error; one that is replaced is not")
    func changedFile() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "deepdream-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "model.safetensors").path
        let values = (0..<100_000).map(Float.init)
        func write() throws {
            var bytes = Data()
            let header = #"{"a": {"dtype": "F32", "shape": [100000], "data_offsets": [0, 400000]}}"#
            withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: header.utf8)
            for value in values { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
            try? FileManager.default.removeItem(atPath: path)
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        try write()
        let replaced = try SafetensorsFile(path: path)
        try write()
        #expect(try replaced.tensor(named: "a", shape: [100_000]) == values)

        let cut = try SafetensorsFile(path: path)
        #expect(truncate(path, 5000) == 0)
        #expect(throws: ModelError.self) { try cut.tensor(named: "a", shape: [100_000]) }

        try write()
        let overwritten = try SafetensorsFile(path: path)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seek(toOffset: 300_000)
        try handle.write(contentsOf: Data([1, 2, 3]))
        try handle.close()
        let error = #expect(throws: ModelError.self) { try overwritten.tensor(named: "a", shape: [100_000]) }
        #expect(error?.description.contains("written to while it was in use") == true)
    }
}
