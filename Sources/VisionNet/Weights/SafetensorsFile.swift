import FoundationEssentials
import Glibc

/// A safetensors file, or such bytes in memory: a JSON header, followed by the tensors' bytes.
///
/// Only the tensors in use are read from a file, when they are first needed. Every offset of the header is checked when
/// the file is opened.
public final class SafetensorsFile: WeightSource, Sendable {
    /// The number format of a tensor in the file.
    public enum ElementType: String, Sendable {
        case float32 = "F32"
        case float16 = "F16"
        case bfloat16 = "BF16"
        case float64 = "F64"
        /// BatchNorm's count of the batches that it saw has this type.
        case int64 = "I64"

        var size: Int {
            switch self {
            case .float16, .bfloat16: 2
            case .float32: 4
            case .float64, .int64: 8
            }
        }
    }

    public struct TensorInfo: Sendable {
        public let elementType: ElementType
        public let shape: [Int]
        let range: Range<Int>
    }

    /// The strings of `__metadata__`.
    public let metadata: [String: String]
    public let tensors: [String: TensorInfo]
    /// The path, or another name, for messages.
    public let name: String
    private let storage: ModelBytes
    private let dataStart: Int

    /// Opens the file.
    ///
    /// - Throws: `ModelError.unreadable` or `.malformed`.
    public convenience init(path: String) throws {
        try self.init(storage: ModelBytes(path: path), name: path)
    }

    /// Uses bytes that live as long as the process, such as an embedded file's.
    ///
    /// - Throws: `ModelError.malformed`.
    public convenience init(staticBytes: UnsafeRawBufferPointer, name: String) throws {
        try self.init(storage: ModelBytes(static: staticBytes), name: name)
    }

    /// A file with a longer header is rejected; those of real networks have a few kilobytes.
    private static let longestHeader = 16 << 20

    private init(storage: ModelBytes, name: String) throws {
        func malformed(_ reason: String) -> ModelError { .malformed(file: name, reason: reason) }
        let bytes = storage
        guard bytes.count >= 8 else { throw malformed("\(bytes.count) bytes are too few for a safetensors header") }
        let length = try bytes.withBytes(0..<8) { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= UInt64(Self.longestHeader), Int(length) <= bytes.count - 8 else {
            throw malformed("a header of \(length) bytes does not fit into the file's \(bytes.count)")
        }
        let start = 8 + Int(length)
        let headerBytes = try bytes.withBytes(8..<start) { Data($0) }
        let header: SafetensorsHeader
        do {
            header = try JSONDecoder().decode(SafetensorsHeader.self, from: headerBytes)
        } catch {
            throw malformed("its header is not the JSON of a safetensors file")
        }
        var tensors: [String: TensorInfo] = [:]
        for (tensor, entry) in header.entries {
            guard let type = ElementType(rawValue: entry.dtype) else {
                throw malformed(
                    "tensor '\(tensor)' has the type \(entry.dtype); F16, BF16, F32, F64 and I64 are supported")
            }
            let count = entry.shape.reduce(1 as Int?) { product, side in
                guard let product, side >= 0 else { return nil }
                let (value, overflow) = product.multipliedReportingOverflow(by: side)
                return overflow || value > bytes.count ? nil : value
            }
            guard let count, entry.dataOffsets.count == 2,
                entry.dataOffsets[0] >= 0, entry.dataOffsets[1] >= entry.dataOffsets[0],
                entry.dataOffsets[1] <= bytes.count - start,
                entry.dataOffsets[1] - entry.dataOffsets[0] == count * type.size
            else {
                throw malformed(
                    "tensor '\(tensor)' of shape \(entry.shape) does not fit its place \(entry.dataOffsets) in the "
                        + "\(bytes.count - start) bytes of data")
            }
            tensors[tensor] = TensorInfo(
                elementType: type, shape: entry.shape, range: entry.dataOffsets[0]..<entry.dataOffsets[1])
        }
        self.storage = storage
        self.name = name
        self.tensors = tensors
        metadata = header.metadata
        dataStart = start
    }

    /// How many bytes follow the header.
    public var dataByteCount: Int { storage.count - dataStart }

    /// Calls `body` with the bytes after the header, which a model's checksum covers, piece by piece.
    ///
    /// - Throws: `ModelError.unreadable`, or what `body` throws.
    public func readData(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        for start in stride(from: dataStart, to: storage.count, by: 1 << 20) {
            try storage.withBytes(start..<min(start + (1 << 20), storage.count), body)
        }
    }

    public func contains(_ tensor: String) -> Bool { tensors[tensor] != nil }

    public func check(_ tensor: String, shape: [Int]) throws {
        _ = try info(of: tensor, shape: shape)
    }

    private func info(of tensor: String, shape: [Int]) throws -> TensorInfo {
        guard let info = tensors[tensor] else { throw ModelError.missingTensor(name: tensor, file: name) }
        guard info.shape == shape else {
            throw ModelError.wrongShape(tensor: tensor, found: info.shape, expected: shape, file: name)
        }
        return info
    }

    public func tensor(named tensor: String, shape: [Int]) throws -> [Float] {
        let info = try info(of: tensor, shape: shape)
        let range = dataStart + info.range.lowerBound..<dataStart + info.range.upperBound
        return try storage.withBytes(range) { bytes in
            return [Float](unsafeUninitializedCapacity: bytes.count / info.elementType.size) { values, initialized in
                func fill<Bits: FixedWidthInteger>(_ type: Bits.Type, _ value: (Bits) -> Float) {
                    for index in 0..<bytes.count / MemoryLayout<Bits>.size {
                        let bits = bytes.loadUnaligned(fromByteOffset: MemoryLayout<Bits>.size * index, as: Bits.self)
                        values.initializeElement(at: index, to: value(Bits(littleEndian: bits)))
                    }
                }
                switch info.elementType {
                case .float32: fill(UInt32.self) { Float(bitPattern: $0) }
                case .float16: fill(UInt16.self) { Float(halfBits: $0) }
                case .bfloat16: fill(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
                case .float64: fill(UInt64.self) { Float(Double(bitPattern: $0)) }
                case .int64: fill(Int64.self) { Float($0) }
                }
                initialized = bytes.count / info.elementType.size
            }
        }
    }
}

extension Float {
    /// The value of an IEEE 754 half-precision number; Swift's `Float16` is not available on every platform.
    init(halfBits: UInt16) {
        let sign = UInt32(halfBits & 0x8000) << 16
        let magnitude = UInt32(halfBits & 0x7fff) << 13
        // Changing the exponent's bias from 15 to 127 by a multiplication also normalises subnormal numbers.
        let scaled = Float(bitPattern: magnitude) * 0x1p112
        let bits = halfBits & 0x7c00 == 0x7c00 ? magnitude | 0x7f80_0000 : scaled.bitPattern
        self = Float(bitPattern: sign | bits)
    }
}
