/// A file of PyTorch's older format whose pickle is written by hand, so that it can be wrong.
struct HandmadePyTorchFile {
    /// The state dictionary's pickle without the protocol at its start and the stop at its end.
    var pickle: [UInt8]
    var keys = ["0"]
    /// The elements of each storage.
    var storages: [[Float]] = [[1, 2, 3, 4, 5, 6]]
    /// The counts in front of the storages, where they are wrong.
    var counts: [Int64]?
    var system = Handmade.dictionary([])
    var version = Handmade.integer(1001)

    var bytes: [UInt8] {
        var bytes: [UInt8] = [
            0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
        ]
        for part in [version, system, pickle, Handmade.list(keys.map(Handmade.text))] {
            bytes += [0x80, 0x02] + part + Array(".".utf8)
        }
        for (index, storage) in storages.enumerated() {
            bytes += Handmade.littleEndian(counts?[index] ?? Int64(storage.count))
            storage.map(\.bitPattern.littleEndian).withUnsafeBytes { bytes += $0 }
        }
        return bytes
    }
}

/// The pickles of values.
enum Handmade {
    static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) }
    }

    static func text(_ text: String) -> [UInt8] {
        Array("X".utf8) + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    /// As Python 2 wrote its texts.
    static func oldText(_ text: String) -> [UInt8] {
        Array("U".utf8) + [UInt8(text.utf8.count)] + Array(text.utf8)
    }

    /// In as many bytes as a LONG1 can have for a 64-bit number.
    static func integer(_ number: Int) -> [UInt8] { [0x8a, 8] + littleEndian(Int64(number)) }

    static let none = Array("N".utf8)
    static let no: [UInt8] = [0x89]

    static func tuple(_ items: [[UInt8]]) -> [UInt8] { Array("(".utf8) + items.joined() + Array("t".utf8) }

    static func list(_ items: [[UInt8]]) -> [UInt8] { Array("](".utf8) + items.joined() + Array("e".utf8) }

    static func dictionary(_ items: [([UInt8], [UInt8])]) -> [UInt8] {
        Array("}(".utf8) + items.flatMap { $0 + $1 } + Array("u".utf8)
    }

    static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

    static func call(_ function: [UInt8], _ arguments: [[UInt8]]) -> [UInt8] {
        function + tuple(arguments) + Array("R".utf8)
    }

    static func storage(_ key: String = "0", type: String = "FloatStorage", count: Int = 6) -> [UInt8] {
        tuple([text("storage"), global("torch", type), text(key), text("cpu"), integer(count), none])
            + Array("Q".utf8)
    }

    static func tensor(
        _ shape: [Int], _ strides: [Int], offset: Int = 0, storage: [UInt8] = storage()
    ) -> [UInt8] {
        call(
            global("torch._utils", "_rebuild_tensor_v2"),
            [
                storage, integer(offset), tuple(shape.map(integer)), tuple(strides.map(integer)), no,
                call(global("collections", "OrderedDict"), []),
            ])
    }

    /// A state dictionary with one tensor `weight`.
    static func weight(_ tensor: [UInt8]) -> [UInt8] { dictionary([(text("weight"), tensor)]) }
}
