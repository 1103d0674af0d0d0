import VisionNet

/// The form of a PyTorch tensor's numbers in its file.
public enum TensorElementType: String, Sendable, CaseIterable {
    case float32, float16, bfloat16, float64
    case int64, int32, int16, int8, uint8
    case bool

    /// The same type of a safetensors file.
    init(_ type: SafetensorsFile.ElementType) {
        switch type {
        case .float32: self = .float32
        case .float16: self = .float16
        case .bfloat16: self = .bfloat16
        case .float64: self = .float64
        case .int64: self = .int64
        }
    }

    /// In bytes.
    var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// The class in Python's module `torch` whose storages hold such numbers.
    var storageClass: String {
        switch self {
        case .float32: "FloatStorage"
        case .float16: "HalfStorage"
        case .bfloat16: "BFloat16Storage"
        case .float64: "DoubleStorage"
        case .int64: "LongStorage"
        case .int32: "IntStorage"
        case .int16: "ShortStorage"
        case .int8: "CharStorage"
        case .uint8: "ByteStorage"
        case .bool: "BoolStorage"
        }
    }

    /// Converts a row of numbers to float32, to the nearest where it has no such value.
    ///
    /// - Parameters:
    ///   - bytes: the storage, little-endian.
    ///   - start: the first number's index.
    ///   - stride: how many numbers lie from one to the next.
    ///   - output: takes as many as it has elements.
    func convert(
        _ bytes: UnsafeRawBufferPointer, from start: Int, stride: Int, into output: UnsafeMutableBufferPointer<Float>
    ) {
        func fill<Bits: FixedWidthInteger>(_ type: Bits.Type, _ value: (Bits) -> Float) {
            let size = MemoryLayout<Bits>.size
            for index in 0..<output.count {
                let bits = bytes.loadUnaligned(fromByteOffset: (start + index * stride) * size, as: Bits.self)
                output.initializeElement(at: index, to: value(Bits(littleEndian: bits)))
            }
        }
        switch self {
        case .float32: fill(UInt32.self) { Float(bitPattern: $0) }
        case .float16: fill(UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: fill(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .float64: fill(UInt64.self) { Float(Double(bitPattern: $0)) }
        case .int64: fill(Int64.self) { Float($0) }
        case .int32: fill(Int32.self) { Float($0) }
        case .int16: fill(Int16.self) { Float($0) }
        case .int8: fill(Int8.self) { Float($0) }
        case .uint8: fill(UInt8.self) { Float($0) }
        case .bool: fill(UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }
}
