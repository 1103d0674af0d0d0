/// Parses a pickle without executing anything.
///
/// Python's `pickle` may call any function that a file names. This reader knows the few instructions and the few
/// names (``Pickle/Global``) of state dictionaries, and refuses all others. Time and memory grow with the pickle's
/// length alone, which is limited.
///
/// Instructions: <https://github.com/python/cpython/blob/main/Lib/pickletools.py>. What PyTorch writes with them:
/// <https://github.com/pytorch/pytorch/blob/main/torch/serialization.py>.
struct PickleReader {
    /// In bytes; those of the largest published networks have some hundred thousand.
    static let longestPickle = 16 << 20
    /// A tensor takes about 50 instructions.
    private static let mostInstructions = 1_000_000
    /// Of a name or other text, in bytes.
    private static let longestText = 4096
    /// A kernel of a three-dimensional convolution has 5.
    private static let mostDimensions = 8

    private var pickle = Pickle()
    private var stack: [Pickle.Value] = []
    /// How high the stack was at each mark.
    private var marks: [Int] = []
    private var memo: [UInt32: Pickle.Value] = [:]
    private var storagePositions: [String: Int] = [:]
    /// In the OrderedDicts that were made of lists. One list can be used again and again, so this is limited, too.
    private var pairCount = 0
    private var cursor: ByteCursor
    private let start: Int

    private init(_ cursor: ByteCursor) {
        self.cursor = cursor
        start = cursor.offset
    }

    /// Reads the pickle at the cursor, and moves the cursor behind it.
    ///
    /// - Throws: `PyTorchFileError.damaged`, `.unsupportedOpcode`, `.unsupportedGlobal`, `.unsupported`.
    static func read(_ cursor: inout ByteCursor) throws -> Pickle {
        var reader = PickleReader(cursor)
        try reader.run()
        cursor = reader.cursor
        return reader.pickle
    }

    private func damaged(_ reason: String) -> PyTorchFileError {
        .damaged(file: cursor.file, reason: "its pickle \(reason) before byte \(cursor.offset)")
    }

    private mutating func run() throws {
        for _ in 0..<Self.mostInstructions {
            guard cursor.offset - start <= Self.longestPickle else { break }
            let offset = cursor.offset
            let code = try cursor.number(UInt8.self)
            guard let opcode = PickleOpcode(rawValue: code) else {
                throw PyTorchFileError.unsupportedOpcode(code, offset: offset, file: cursor.file)
            }
            if opcode == .stop {
                pickle.root = try pop()
                return
            }
            try execute(opcode)
        }
        throw PyTorchFileError.unsupported(
            file: cursor.file,
            reason: "its pickle has more than \(Self.mostInstructions) instructions or \(Self.longestPickle) bytes, "
                + "far more than a state dictionary needs")
    }

    private mutating func execute(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .proto:
            let version = try cursor.number(UInt8.self)
            guard version == 2 else {
                throw PyTorchFileError.unsupported(
                    file: cursor.file,
                    reason: "its pickle has the protocol \(version); save it with torch.save's own pickle_protocol, 2")
            }
        case .stop: break  // run() does this
        case .mark: marks.append(stack.count)

        case .none: stack.append(.none)
        case .newTrue: stack.append(.boolean(true))
        case .newFalse: stack.append(.boolean(false))
        case .binInt: stack.append(.integer(Int(try cursor.number(Int32.self))))
        case .binInt1: stack.append(.integer(Int(try cursor.number(UInt8.self))))
        case .binInt2: stack.append(.integer(Int(try cursor.number(UInt16.self))))
        case .long1: stack.append(.integer(try long()))
        case .binFloat: stack.append(.number(Double(bitPattern: try cursor.number(UInt64.self).byteSwapped)))
        case .binUnicode, .binString: stack.append(.text(try text(length: Int(try cursor.number(UInt32.self)))))
        case .shortBinString: stack.append(.text(try text(length: Int(try cursor.number(UInt8.self)))))

        case .emptyTuple: stack.append(.tuple(collection([])))
        case .tuple1: try appendTuple(1)
        case .tuple2: try appendTuple(2)
        case .tuple3: try appendTuple(3)
        case .tuple:
            let items = try popToMark()
            stack.append(.tuple(collection(items)))
        case .emptyList: stack.append(.list(collection([])))
        case .append:
            let item = try pop()
            try appendToList([item])
        case .appends:
            try appendToList(try popToMark())
        case .emptyDict: stack.append(.dictionary(collection([])))
        case .setItem:
            let value = try pop()
            try appendToDictionary([try pop(), value])
        case .setItems:
            try appendToDictionary(try popToMark())

        case .binPut: memo[UInt32(try cursor.number(UInt8.self))] = try top()
        case .longBinPut: memo[try cursor.number(UInt32.self)] = try top()
        case .binGet: try appendRemembered(UInt32(try cursor.number(UInt8.self)))
        case .longBinGet: try appendRemembered(try cursor.number(UInt32.self))

        case .global: try appendGlobal()
        case .binPersId: try appendStorage()
        case .reduce: try reduce()
        case .build:
            // Sets attributes of an object. Of an OrderedDict it is `_metadata`: versions of the network's modules.
            _ = try pop()
            guard case .dictionary = try top() else { throw damaged("sets attributes of what has none") }
        }
    }

    // MARK: The stack

    /// What was pushed since the last mark is a stack of its own, as in Python.
    private var floor: Int { marks.last ?? 0 }

    private func top() throws -> Pickle.Value {
        guard stack.count > floor, let value = stack.last else { throw damaged("takes a value where there is none") }
        return value
    }

    private mutating func pop() throws -> Pickle.Value {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func popToMark() throws -> [Pickle.Value] {
        guard let mark = marks.popLast() else { throw damaged("takes values where there are none") }
        defer { stack.removeSubrange(mark...) }
        return [Pickle.Value](stack[mark...])
    }

    private mutating func appendRemembered(_ key: UInt32) throws {
        guard let value = memo[key] else { throw damaged("refers to a value that it has not had") }
        stack.append(value)
    }

    // MARK: Numbers and text

    private mutating func long() throws -> Int {
        let bytes = try cursor.take(Int(try cursor.number(UInt8.self)))
        guard bytes.count <= 8 else { throw damaged("has a number of \(bytes.count) bytes") }
        // Two's complement, the sign in the last byte.
        let isNegative = (bytes.last ?? 0) & 0x80 != 0
        return bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) }
    }

    private mutating func text(length: Int) throws -> String {
        guard length <= Self.longestText else { throw damaged("has a text of \(length) bytes") }
        guard let text = String(validating: try cursor.take(length), as: UTF8.self) else {
            throw damaged("has a text that is not UTF-8")
        }
        return text
    }

    // MARK: Collections

    private mutating func collection(_ items: [Pickle.Value]) -> Int {
        pickle.collections.append(items)
        return pickle.collections.count - 1
    }

    private mutating func appendTuple(_ count: Int) throws {
        guard stack.count - floor >= count else { throw damaged("takes values where there are none") }
        let items = [Pickle.Value](stack.suffix(count))
        stack.removeLast(count)
        stack.append(.tuple(collection(items)))
    }

    private mutating func appendToList(_ items: [Pickle.Value]) throws {
        guard case .list(let list) = try top() else { throw damaged("appends to what is no list") }
        pickle.collections[list].append(contentsOf: items)
    }

    private mutating func appendToDictionary(_ items: [Pickle.Value]) throws {
        guard case .dictionary(let dictionary) = try top(), items.count % 2 == 0 else {
            throw damaged("sets an item of what is no dictionary")
        }
        pickle.collections[dictionary].append(contentsOf: items)
    }

    private func tuple(_ value: Pickle.Value) throws -> [Pickle.Value] {
        guard case .tuple(let index) = value else { throw damaged("has another value where a tuple should be") }
        return pickle.collections[index]
    }

    // MARK: Objects of PyTorch

    private mutating func appendGlobal() throws {
        let module = try cursor.line(longest: 256)
        let name = try cursor.line(longest: 256)
        guard let global = Pickle.Global(module: module, name: name) else {
            throw PyTorchFileError.unsupportedGlobal("\(module).\(name)", file: cursor.file)
        }
        stack.append(.global(global))
    }

    /// `('storage', class, key, device, count)`; in the older format with None at the end.
    private mutating func appendStorage() throws {
        let items = try tuple(try pop())
        guard (5...6).contains(items.count), case .text("storage") = items[0],
            case .global(.storage(let elementType)) = items[1], case .text(let key) = items[2],
            case .integer(let count) = items[4], count >= 0
        else { throw damaged("has a storage of an unknown form") }
        if items.count == 6 {
            guard case .none = items[5] else {
                throw PyTorchFileError.unsupported(
                    file: cursor.file,
                    reason: "its storage '\(key)' is a part of another one, which only PyTorch before 0.4 wrote; load "
                        + "and save it with a newer one")
            }
        }
        if let position = storagePositions[key] {
            let known = pickle.storages[position]
            guard known.elementType == elementType, known.count == count else {
                throw damaged("describes the storage '\(key)' in two ways")
            }
            stack.append(.storage(position))
        } else {
            storagePositions[key] = pickle.storages.count
            stack.append(.storage(pickle.storages.count))
            pickle.storages.append(.init(key: key, elementType: elementType, count: count))
        }
    }

    /// A call of a function with a tuple of arguments.
    private mutating func reduce() throws {
        let arguments = try tuple(try pop())
        guard case .global(let function) = try pop() else { throw damaged("calls what is no function") }
        switch function {
        case .orderedDictionary:
            let items = if let list = arguments.first { try pairs(list) } else { [Pickle.Value]() }
            stack.append(.dictionary(collection(items)))
        case .rebuildTensor:
            // storage, offset, shape, strides, requires_grad, backward_hooks and perhaps metadata
            guard (6...7).contains(arguments.count), case .storage(let storage) = arguments[0],
                case .integer(let offset) = arguments[1]
            else { throw damaged("has a tensor of an unknown form") }
            let tensor = Pickle.Tensor(
                storage: storage, offset: offset, shape: try integers(arguments[2]),
                strides: try integers(arguments[3]))
            stack.append(.tensor(pickle.tensors.count))
            pickle.tensors.append(tensor)
        case .rebuildParameter:
            // data, requires_grad, backward_hooks
            guard arguments.count == 3, case .tensor = arguments[0] else {
                throw damaged("has a parameter of an unknown form")
            }
            stack.append(arguments[0])
        case .storage:
            throw damaged("calls what is no function")
        }
    }

    /// The keys and values of an OrderedDict in a list of pairs, as Python 2 wrote it.
    private mutating func pairs(_ value: Pickle.Value) throws -> [Pickle.Value] {
        guard case .list(let list) = value else { throw damaged("has an OrderedDict of an unknown form") }
        pairCount += pickle.collections[list].count
        guard pairCount <= Self.mostInstructions else { throw damaged("has too many items") }
        return try pickle.collections[list].flatMap { pair in
            guard case .list(let index) = pair, pickle.collections[index].count == 2 else {
                throw damaged("has an OrderedDict of an unknown form")
            }
            return pickle.collections[index]
        }
    }

    private func integers(_ value: Pickle.Value) throws -> [Int] {
        let items = try tuple(value)
        guard items.count <= Self.mostDimensions else { throw damaged("has a tensor of \(items.count) dimensions") }
        return try items.map { item in
            guard case .integer(let integer) = item else { throw damaged("has a tensor whose shape is no numbers") }
            return integer
        }
    }
}

/// The instructions that PyTorch uses in state dictionaries, with pickle's own names.
enum PickleOpcode: UInt8 {
    case mark = 0x28  // (
    case emptyTuple = 0x29  // )
    case stop = 0x2e  // .
    case binFloat = 0x47  // G
    case binInt = 0x4a  // J
    case binInt1 = 0x4b  // K
    case binInt2 = 0x4d  // M
    case none = 0x4e  // N
    case binPersId = 0x51  // Q
    case reduce = 0x52  // R
    case binString = 0x54  // T, of Python 2
    case shortBinString = 0x55  // U, of Python 2
    case binUnicode = 0x58  // X
    case emptyList = 0x5d  // ]
    case append = 0x61  // a
    case build = 0x62  // b
    case global = 0x63  // c
    case appends = 0x65  // e
    case binGet = 0x68  // h
    case longBinGet = 0x6a  // j
    case binPut = 0x71  // q
    case longBinPut = 0x72  // r
    case setItem = 0x73  // s
    case tuple = 0x74  // t
    case setItems = 0x75  // u
    case emptyDict = 0x7d  // }
    case proto = 0x80
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case newTrue = 0x88
    case newFalse = 0x89
    case long1 = 0x8a
}
