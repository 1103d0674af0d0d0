import Foundation
import ModelLibrary
import TestSupport
import Testing
import VisionNet

@Suite("State dictionaries of PyTorch")
struct StateDictionaryTests {
    private static func path(_ name: String) -> String { Fixtures.path("PyTorch/\(name)") }
    private static func bytes(_ name: String) throws -> [UInt8] { try Fixtures.bytes("PyTorch/\(name)") }

    private static func open(_ name: String) throws -> StateDictionary {
        try StateDictionary(contentsOf: path(name))
    }

    /// What `make_pytorch_files.py` fills tensors with.
    private static func values(_ count: Int) -> [Float] { (0..<count).map { Float(7 * $0 % 31 - 15) / 8 } }

    private static func read(_ pickle: [UInt8]) throws -> StateDictionary {
        try read(HandmadePyTorchFile(pickle: pickle))
    }

    private static func read(_ file: HandmadePyTorchFile) throws -> StateDictionary {
        try StateDictionary(bytes: file.bytes, name: "f")
    }

    /// Equal, or both not a number.
    private static func agree(_ left: [Float], _ right: [Float]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    }

    // MARK: What is read

    @Test(
        "are read from every format, in order",
        arguments: [
            "zip.pth", "legacy.pth", "wrapped.pth", "zip64.pth", "legacy-0.1.0-py3-none-any.whl",
            "zip-0.1.0-py3-none-any.whl", "stored-0.1.0-py3-none-any.whl",
        ])
    func formats(file: String) throws {
        let dictionary = try Self.open(file)
        #expect(
            dictionary.tensors == [
                .init(name: "conv.weight", shape: [3, 2, 2, 2], elementType: .float32),
                .init(name: "conv.bias", shape: [3], elementType: .float32),
                .init(name: "bn.weight", shape: [3], elementType: .float32),
                .init(name: "bn.bias", shape: [3], elementType: .float32),
                .init(name: "bn.running_mean", shape: [3], elementType: .float32),
                .init(name: "bn.running_var", shape: [3], elementType: .float32),
                .init(name: "bn.num_batches_tracked", shape: [], elementType: .int64),
            ])
        for tensor in dictionary.tensors.dropLast() {
            let count = tensor.shape.reduce(1, *)
            #expect(try dictionary.tensor(named: tensor.name, shape: tensor.shape) == Self.values(count))
        }
        #expect(try dictionary.tensor(named: "bn.num_batches_tracked", shape: []) == [7])
    }

    @Test("are the same in memory as in a file", arguments: ["zip.pth", "legacy-0.1.0-py3-none-any.whl"])
    func memory(file: String) throws {
        let dictionary = try StateDictionary(bytes: Self.bytes(file), name: "memory")
        #expect(dictionary.tensors == (try Self.open(file).tensors))
        #expect(try dictionary.tensor(named: "conv.weight", shape: [3, 2, 2, 2]) == Self.values(24))
        #expect(try StateDictionary.readAll(of: Self.bytes(file)) == 24 + 5 * 3 + 1)
    }

    @Test("may hold floating-point numbers of other types", arguments: ["half", "bfloat16", "double"])
    func floatingPoint(file: String) throws {
        let dictionary = try Self.open("\(file).pth")
        let tiny: Float =
            switch file {
            case "half": 0x1p-24  // the smallest subnormal number
            case "bfloat16": Float(bitPattern: 0x3381_0000)
            default: 6e-8
            }
        let large: Float = file == "bfloat16" ? 65536 : 65504
        #expect(try dictionary.tensor(named: "values", shape: [3, 5]) == Self.values(15))
        let special = try dictionary.tensor(named: "special", shape: [8])
        #expect(Self.agree(special, [0.5, -2, 0, tiny, large, .infinity, -.infinity, .nan]), "\(special)")
    }

    @Test("may hold integers and truth values")
    func integers() throws {
        let dictionary = try Self.open("integers.pth")
        for name in ["int64", "int32", "int16", "int8"] {
            #expect(dictionary[name]?.elementType.rawValue == name)
            #expect(try dictionary.tensor(named: name, shape: [3]) == [-5, 0, 100])
        }
        #expect(try dictionary.tensor(named: "uint8", shape: [3]) == [5, 0, 200])
        #expect(try dictionary.tensor(named: "bool", shape: [3]) == [1, 0, 1])
    }

    @Test("may hold tensors that share a storage or are not contiguous", arguments: ["views.pth", "views_legacy.pth"])
    func views(file: String) throws {
        let dictionary = try Self.open(file)
        let base = Self.values(24)
        #expect(try dictionary.tensor(named: "whole", shape: [4, 6]) == base)
        #expect(try dictionary.tensor(named: "row", shape: [6]) == Array(base[6..<12]))
        let transposed = (0..<6).flatMap { column in (0..<4).map { base[6 * $0 + column] } }
        #expect(try dictionary.tensor(named: "transposed", shape: [6, 4]) == transposed)
        let columns = (0..<4).flatMap { row in [1, 3, 5].map { base[6 * row + $0] } }
        #expect(try dictionary.tensor(named: "columns", shape: [4, 3]) == columns)
        #expect(try dictionary.tensor(named: "last", shape: []) == [base[23]])
        #expect(try dictionary.tensor(named: "none", shape: [0, 6]) == [])
    }

    @Test("may hold parameters")
    func parameter() throws {
        #expect(try Self.open("parameter.pth").tensor(named: "weight", shape: [2, 3]) == Self.values(6))
    }

    @Test("come from safetensors files, too, sorted by name")
    func safetensors() throws {
        let dictionary = try Self.open("tensors.safetensors")
        #expect(
            dictionary.tensors == [
                .init(name: "a", shape: [4], elementType: .float16),
                .init(name: "b", shape: [2, 3], elementType: .float32),
            ])
        #expect(try dictionary.tensor(named: "a", shape: [4]) == Self.values(4))
        #expect(try dictionary.tensor(named: "b", shape: [2, 3]) == Self.values(6))
    }

    @Test("may come from Python 2")
    func python2() throws {
        let pair = Handmade.list([Handmade.oldText("weight"), Handmade.tensor([2, 3], [3, 1])])
        let dictionary = try Self.read(
            Handmade.call(Handmade.global("collections", "OrderedDict"), [Handmade.list([pair])]))
        #expect(dictionary.tensors.map(\.name) == ["weight"])
        #expect(try dictionary.tensor(named: "weight", shape: [2, 3]) == [1, 2, 3, 4, 5, 6])
    }

    @Test("are a source of weights")
    func weightSource() throws {
        let dictionary = try Self.open("zip.pth")
        #expect(dictionary.contains("bn.bias") && !dictionary.contains("bn.gamma"))
        #expect(dictionary["bn.gamma"] == nil)
        try dictionary.check("bn.bias", shape: [3])
        #expect(throws: ModelError.missingTensor(name: "bn.gamma", file: dictionary.name)) {
            try dictionary.check("bn.gamma", shape: [3])
        }
        #expect(
            throws: ModelError.wrongShape(tensor: "bn.bias", found: [3], expected: [1, 3], file: dictionary.name)
        ) { try dictionary.tensor(named: "bn.bias", shape: [1, 3]) }
    }

    // MARK: Files that are refused

    @Test("are not read from what is no file or of no known format")
    func noFile() throws {
        let directory = try TemporaryDirectory()
        func expect(_ error: PyTorchFileError, path: String) {
            #expect(throws: error) { try StateDictionary(contentsOf: path) }
        }
        let missing = directory.path("missing.pth")
        expect(.unreadable(file: missing, reason: "No such file or directory"), path: missing)
        expect(.unreadable(file: directory.path, reason: "it is not a regular file"), path: directory.path)
        let pipe = directory.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        expect(.unreadable(file: pipe, reason: "it is not a regular file"), path: pipe)
        for content in ["", "P", "Not Found", "<html></html>"] {
            let path = try directory.write("text.pth", Array(content.utf8))
            expect(.unknownFormat(file: path), path: path)
        }
        let wheel = Self.path("none-0.1.0-py3-none-any.whl")
        expect(.unknownFormat(file: wheel), path: wheel)
    }

    @Test(
        "are the only thing of PyTorch that is read",
        arguments: [
            ("whole_model.pth", "refers to 'torch.nn.modules.container.Sequential'"),
            ("script.pt", "it is a TorchScript program"),
            ("no_dictionary.pth", "it holds something other than a dictionary"),
            ("no_tensor.pth", "its entry 'epoch' is not a tensor"),
        ])
    func otherObjects(file: String, reason: String) throws {
        let error = try #require(throws: PyTorchFileError.self) { try Self.open(file) }
        #expect("\(error)".contains(reason) && "\(error)".contains("torch.save("), "\(error)")
    }

    @Test(
        "are refused in forms that are not supported, with what to do",
        arguments: [
            ("compressed.pth", "its entry 'archive/data/0' is compressed", "zip -0"),
            ("big_endian.pth", "its numbers are in big-endian order", "save it with PyTorch"),
            ("two-0.1.0-py3-none-any.whl", "tiny/weights/tiny.data, tiny/weights/tiny.pth", "unzip"),
        ])
    func unsupported(file: String, reason: String, advice: String) throws {
        let error = try #require(throws: PyTorchFileError.self) { try Self.open(file) }
        guard case .unsupported = error else { throw error }
        #expect("\(error)".contains(reason) && "\(error)".contains(advice), "\(error)")
    }

    @Test("are refused where a storage is missing")
    func missingStorage() {
        let path = Self.path("missing_storage.pth")
        #expect(throws: PyTorchFileError.damaged(file: path, reason: "it has no entry 'archive/data/0'")) {
            try StateDictionary(contentsOf: path)
        }
    }

    @Test("in a big-endian file of the older format are refused")
    func bigEndianLegacy() throws {
        var file = HandmadePyTorchFile(pickle: Handmade.weight(Handmade.tensor([6], [1])))
        file.system = Handmade.dictionary([(Handmade.text("little_endian"), Handmade.no)])
        let error = try #require(throws: PyTorchFileError.self) { try Self.read(file) }
        #expect("\(error)".contains("big-endian"))
        file.system = Handmade.dictionary([])
        file.version = Handmade.integer(1002)
        let other = try #require(throws: PyTorchFileError.self) { try Self.read(file) }
        #expect("\(other)".contains("protocol 1001"))
    }

    @Test("are checked against the checksums of the zip file")
    func checksum() throws {
        let bytes = try Self.bytes("zip.pth")
        let value = Self.values(1)[0].bitPattern
        let place = try #require(Data(bytes).range(of: Data(Handmade.littleEndian(value)))).lowerBound
        var damaged = bytes
        damaged[place] ^= 1
        #expect(
            throws: PyTorchFileError.damaged(
                file: "f", reason: "the checksum of its entry 'zip/data/0' is wrong")
        ) { try StateDictionary(bytes: damaged, name: "f") }
    }

    /// Where the entry with this name has its record in the central directory: the last place of the name.
    private static func directoryRecord(of name: String, in bytes: [UInt8]) throws -> Int {
        try #require(Data(bytes).range(of: Data(name.utf8), options: .backwards)).lowerBound - 46
    }

    @Test("are not decompressed to more than the wheel can hold, or than is declared")
    func wrongSizes() throws {
        let file = "legacy-0.1.0-py3-none-any.whl"
        let bytes = try Self.bytes(file)
        let size = try Self.directoryRecord(of: "tiny/weights/tiny.data", in: bytes) + 24
        let length = UInt32(try Self.bytes("legacy.pth").count)
        #expect(Array(bytes[size..<size + 4]) == Handmade.littleEndian(length))
        let name = "'tiny/weights/tiny.data'"
        for (claimed, reason) in [
            (length - 1, "its entry \(name) cannot be decompressed"),
            (length + 1, "its entry \(name) cannot be decompressed"),
            (2 << 30, "its entry \(name) cannot have 2147483648 bytes decompressed"),
            (.max - 1, "its entry \(name) has 4294967294 bytes decompressed, at most 2147483648"),
        ] {
            var damaged = bytes
            damaged.replaceSubrange(size..<size + 4, with: Handmade.littleEndian(claimed))
            let error = try #require(throws: PyTorchFileError.self) { try StateDictionary(bytes: damaged, name: "f") }
            #expect("\(error)".contains(reason), "\(error)")
        }
    }

    @Test(
        "in zip entries that are encrypted, compressed otherwise or not where they should be are refused",
        arguments: [
            (8, UInt16(1), "is encrypted"), (10, 12, "compression method 12"),
            (42, 1, "header of its entry 'zip/data.pkl' is not where the directory says"),
            (44, 1, "should follow"), (20, 1, "two different sizes"),
        ])
    func wrongRecords(offset: Int, value: UInt16, reason: String) throws {
        var bytes = try Self.bytes("zip.pth")
        let field = try Self.directoryRecord(of: "zip/data.pkl", in: bytes) + offset
        bytes.replaceSubrange(field..<field + 2, with: Handmade.littleEndian(value))
        let error = try #require(throws: PyTorchFileError.self) { try StateDictionary(bytes: bytes, name: "f") }
        #expect("\(error)".contains(reason), "\(error)")
    }

    // MARK: Tensors that are refused

    @Test(
        "are refused where a tensor does not fit its storage",
        arguments: [
            ([7], [1], 0, "reaches beyond the 6 elements"), ([2, 3], [4, 1], 0, "reaches beyond the 6 elements"),
            ([6], [1], 1, "reaches beyond the 6 elements"), ([1], [1], .max, "reaches beyond the 6 elements"),
            ([2], [.max], 1, "reaches beyond the 6 elements"), ([.max, .max], [1, 1], 0, "reaches beyond"),
            ([3], [.max], 0, "reaches beyond"), ([2, .max], [0, 0], 0, "repeats the elements"),
            ([7], [0], 0, "repeats the elements"), ([4, 3], [1, 1], 0, "repeats the elements"),
            ([-1], [1], 0, "cannot be"), ([2], [-1], 5, "cannot be"), ([2], [1], -1, "cannot be"),
            ([2, 3], [1], 0, "cannot be"), ([0, -1], [1, 1], 0, "cannot be"),
        ] as [([Int], [Int], Int, String)])
    func unusableTensor(shape: [Int], strides: [Int], offset: Int, reason: String) throws {
        let error = try #require(throws: PyTorchFileError.self) {
            try Self.read(Handmade.weight(Handmade.tensor(shape, strides, offset: offset)))
        }
        guard case .unusableTensor("weight", _, "f") = error else { throw error }
        #expect("\(error)".contains(reason), "\(error)")
    }

    @Test("are refused where a tensor was expanded")
    func expanded() throws {
        let error = try #require(throws: PyTorchFileError.self) { try Self.open("expanded.pth") }
        #expect("\(error)".contains("'expanded'") && "\(error)".contains(".contiguous()"))
    }

    @Test("may hold empty tensors of any shape and overlapping ones within their storage")
    func unusualTensors() throws {
        let empty = try Self.read(Handmade.weight(Handmade.tensor([.max, 0, .max], [.max, .max, 1], offset: .max)))
        #expect(try empty.tensor(named: "weight", shape: [.max, 0, .max]) == [])
        let overlapping = try Self.read(Handmade.weight(Handmade.tensor([2, 3], [1, 1])))
        #expect(try overlapping.tensor(named: "weight", shape: [2, 3]) == [1, 2, 3, 2, 3, 4])
    }

    @Test("are refused where storages have other sizes than declared or are not the listed ones")
    func wrongStorages() throws {
        let pickle = Handmade.weight(Handmade.tensor([6], [1]))
        func reason(_ change: (inout HandmadePyTorchFile) -> Void) throws -> String {
            var file = HandmadePyTorchFile(pickle: pickle)
            change(&file)
            return try "\(#require(throws: PyTorchFileError.self) { try Self.read(file) })"
        }
        for count in [5, -1, Int64.max, .min] {
            #expect(try reason { $0.counts = [count] }.contains("'0' has \(count) numbers instead of 6"))
        }
        #expect(
            try reason {
                $0.storages = [[1, 2, 3, 4, 5]]; $0.counts = [6]
            }.contains("24 bytes should follow"))
        #expect(try reason { $0.keys = ["1"] }.contains("its list of storages is wrong"))
        #expect(try reason { $0.keys = ["0", "0"] }.contains("its list of storages is wrong"))
        #expect(try reason { $0.keys = [] }.contains("it has no storage '0'"))
        let huge = Handmade.storage(count: .max)
        #expect(
            try reason {
                $0.pickle = Handmade.weight(Handmade.tensor([6], [1], storage: huge))
                $0.counts = [.max]
            }.contains("numbers instead of"))
    }

    // MARK: Pickles that are refused

    @Test(
        "are parsed, and nothing in them is executed",
        arguments: [
            Handmade.call(Handmade.global("os", "system"), [Handmade.text("true")]),
            Handmade.weight(Handmade.call(Handmade.global("builtins", "eval"), [Handmade.text("1")])),
            Handmade.global("torch", "Storage"),
            Handmade.global("torch._utils", "_rebuild_tensor_v3"),
            Handmade.global("", ""),
        ])
    func unknownGlobal(pickle: [UInt8]) throws {
        let error = try #require(throws: PyTorchFileError.self) { try Self.read(pickle) }
        guard case .unsupportedGlobal = error else { throw error }
    }

    @Test("use few of pickle's instructions; any other is named")
    func unknownOpcode() throws {
        let used: Set<UInt8> = Set("()GJKMNQRTUX]abcehjqrstu}.".utf8).union([0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a])
        for opcode in UInt8.min ... .max where !used.contains(opcode) {
            let error = try #require(throws: PyTorchFileError.self) { try Self.read([opcode]) }
            guard case .unsupportedOpcode(opcode, _, "f") = error else { throw error }
            #expect("\(error)".contains("0x\(String(opcode, radix: 16)) at byte"))
        }
    }

    @Test(
        "are refused where their pickle makes no sense",
        arguments: [
            ("t", "takes values"), ("a", "takes a value"), ("(t(a", "takes a value"), ("Na", "takes a value"),
            ("NNa", "appends to what is no list"), ("NNNs", "no dictionary"), ("}(Nu", "no dictionary"),
            ("NR", "another value where a tuple"), ("N)R", "calls what is no function"),
            ("ctorch\nFloatStorage\n)R", "calls what is no function"), ("NNb", "sets attributes of what has none"),
            ("NQ", "a tuple should be"), (")Q", "storage of an unknown form"), ("h\u{1}", "has not had"),
            ("j\u{1}\u{1}\u{1}\u{1}", "has not had"), ("q\u{1}", "takes a value"),
            ("ctorch._utils\n_rebuild_tensor_v2\n)R", "tensor of an unknown form"),
            ("ctorch._utils\n_rebuild_parameter\n)R", "parameter of an unknown form"),
            ("ccollections\nOrderedDict\n(NtR", "OrderedDict of an unknown form"),
            ("X\u{7f}\u{7f}\u{7f}\u{7f}", "a text of"), ("c\(String(repeating: "x", count: 300))\n", "does not end"),
        ])
    func nonsense(pickle: String, reason: String) throws {
        let error = try #require(throws: PyTorchFileError.self) { try Self.read(Array(pickle.utf8)) }
        guard case .damaged = error else { throw error }
        #expect("\(error)".contains(reason), "\(error)")
    }

    @Test("are refused where texts, numbers or protocols are not what PyTorch writes")
    func unusualValues() throws {
        func reason(_ pickle: [UInt8]) throws -> String {
            "\(try #require(throws: PyTorchFileError.self) { try Self.read(pickle) })"
        }
        #expect(try reason([UInt8(ascii: "U"), 1, 0xff]).contains("not UTF-8"))
        #expect(try reason([0x8a, 9] + [UInt8](repeating: 1, count: 9)).contains("a number of 9 bytes"))
        #expect(try reason([0x80, 4]).contains("protocol 4"))
        #expect(try reason(Handmade.weight(Handmade.tensor(Array(1...9), Array(1...9)))).contains("9 dimensions"))
        let different = Handmade.dictionary([
            (Handmade.text("a"), Handmade.tensor([6], [1])),
            (Handmade.text("b"), Handmade.tensor([6], [1], storage: Handmade.storage(type: "IntStorage"))),
        ])
        #expect(try reason(different).contains("describes the storage '0' in two ways"))
        let part = [UInt8](Handmade.storage().prefix { $0 != UInt8(ascii: "N") }) + Handmade.no + Array("tQ".utf8)
        #expect(try reason(Handmade.weight(Handmade.tensor([6], [1], storage: part))).contains("before 0.4"))
    }

    @Test("are refused where they are empty, or have keys that are no texts or appear twice")
    func wrongDictionaries() throws {
        func reason(_ items: [([UInt8], [UInt8])]) throws -> String {
            "\(try #require(throws: PyTorchFileError.self) { try Self.read(Handmade.dictionary(items)) })"
        }
        let tensor = Handmade.tensor([6], [1])
        #expect(try reason([]).contains("its list of storages is wrong"))
        #expect(try reason([(Handmade.text("a"), tensor), (Handmade.text("a"), tensor)]).contains("two tensors 'a'"))
        #expect(try reason([(Handmade.integer(1), tensor)]).contains("a key is not a text"))
        let empty = HandmadePyTorchFile(pickle: Handmade.dictionary([]), keys: [], storages: [])
        #expect(throws: PyTorchFileError.noStateDictionary(file: "f", reason: "it is empty")) { try Self.read(empty) }
    }

    // MARK: Pickles that would take much memory or time

    @Test("may nest their values as deep as they like")
    func deepNesting() throws {
        let depth = 400_000
        let nested = Handmade.none + [UInt8](repeating: 0x85, count: depth)
        #expect(
            throws: PyTorchFileError.noStateDictionary(file: "f", reason: "its entry 'weight' is not a tensor")
        ) { try Self.read(HandmadePyTorchFile(pickle: Handmade.weight(nested), keys: [], storages: [])) }
        let marks = [UInt8](repeating: UInt8(ascii: "("), count: depth)
        #expect(throws: PyTorchFileError.self) { try Self.read(marks) }
    }

    @Test("have a limited number of instructions and items")
    func limits() throws {
        let many = [UInt8](repeating: UInt8(ascii: "N"), count: 1_000_001)
        let error = try #require(throws: PyTorchFileError.self) { try Self.read(many) }
        #expect("\(error)".contains("more than 1000000 instructions"))
        // A list of 1000 pairs, from which an OrderedDict is made again and again.
        let pairs =
            Handmade.list([]) + Array("(".utf8)
            + (0..<1000).flatMap { _ in Handmade.list([Handmade.none, Handmade.none]) } + Array("e".utf8)
        let arguments = pairs + [0x85] + Array("q\u{1}".utf8)
        let call = Handmade.global("collections", "OrderedDict") + Array("h\u{1}R".utf8)
        let repeated = arguments + (0..<2000).flatMap { _ in call }
        let other = try #require(throws: PyTorchFileError.self) { try Self.read(repeated) }
        #expect("\(other)".contains("too many items"))
    }

    // MARK: Damage

    static let damageable = [
        "zip.pth", "legacy.pth", "zip64.pth", "wrapped.pth", "views_legacy.pth", "integers.pth",
        "legacy-0.1.0-py3-none-any.whl", "zip-0.1.0-py3-none-any.whl", "stored-0.1.0-py3-none-any.whl",
    ]

    @Test("cut off anywhere give an error", arguments: damageable)
    func truncated(file: String) throws {
        let bytes = try Self.bytes(file)
        for count in 0..<bytes.count {
            #expect(throws: PyTorchFileError.self, "\(count) bytes of \(file)") {
                try StateDictionary.readAll(of: Array(bytes[..<count]))
            }
        }
    }

    @Test("with any byte changed give an error, or no more values than the file holds", arguments: damageable)
    func changedByte(file: String) throws {
        let bytes = try Self.bytes(file)
        var generator = SplitMix64(seed: 15)
        var refused = 0
        for place in bytes.indices {
            for _ in 0..<4 {
                var damaged = bytes
                damaged[place] = UInt8.random(in: 0...255, using: &generator)
                if !(try isReadable(damaged)) { refused += 1 }
            }
        }
        #expect(refused > bytes.count / 4)
    }

    @Test("with many bytes changed give an error, or no more values than the file holds", arguments: damageable)
    func changedBytes(file: String) throws {
        let bytes = try Self.bytes(file)
        for seed in 0..<2000 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            var damaged = bytes
            for _ in 0..<Int.random(in: 2...8, using: &generator) {
                let place = Int.random(in: 0..<damaged.count, using: &generator)
                // Small numbers and copies of other bytes are more often meaningful than any others.
                damaged[place] =
                    Bool.random(using: &generator)
                    ? UInt8.random(in: 0...8, using: &generator)
                    : bytes[Int.random(in: 0..<bytes.count, using: &generator)]
            }
            _ = try isReadable(damaged)
        }
    }

    /// Reads everything; any error but `PyTorchFileError` is a failure.
    private func isReadable(_ bytes: [UInt8]) throws -> Bool {
        do {
            let dictionary = try StateDictionary(bytes: bytes, name: "damaged")
            for tensor in dictionary.tensors {
                let values = try dictionary.tensor(named: tensor.name, shape: tensor.shape)
                #expect(values.count <= 8 * bytes.count, "\(tensor)")
            }
            return true
        } catch is PyTorchFileError {
            return false
        }
    }
}
