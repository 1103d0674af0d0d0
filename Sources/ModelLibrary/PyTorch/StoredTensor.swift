/// A tensor in a file, checked against its storage.
struct StoredTensor: Sendable {
    let name: String
    let elementType: TensorElementType
    let shape: [Int]
    private let count: Int
    private let offset: Int
    /// The loops that walk the elements, outermost first: a contiguous tensor needs one.
    private let loops: [(count: Int, stride: Int)]
    private let storage: ByteRegion

    /// - Parameters:
    ///   - tensor: what the pickle says.
    ///   - elementType: of the storage.
    ///   - storage: the elements, a whole number of them.
    ///   - file: for messages.
    /// - Throws: `PyTorchFileError.unusableTensor` where it reaches beyond its storage.
    init(
        name: String, _ tensor: Pickle.Tensor, elementType: TensorElementType, storage: ByteRegion, file: String
    ) throws {
        func unusable(_ reason: String) -> PyTorchFileError {
            .unusableTensor(name: name, reason: reason, file: file)
        }
        let form = "shape \(tensor.shape) with strides \(tensor.strides) from \(tensor.offset)"
        guard tensor.shape.count == tensor.strides.count, tensor.offset >= 0,
            (tensor.shape + tensor.strides).allSatisfy({ $0 >= 0 })
        else { throw unusable("\(form) cannot be; the file is damaged") }

        let stored = storage.count / elementType.size
        let count = tensor.shape.contains(0) ? 0 : Self.product(tensor.shape)
        if count != 0 {
            guard let last = Self.lastElement(tensor), last < stored else {
                throw unusable("\(form) reaches beyond the \(stored) elements of its storage; the file is damaged")
            }
            // Otherwise a small file could describe tensors that fill the memory.
            guard let count, count <= stored else {
                throw unusable("it repeats the elements of its storage; save it with .contiguous()")
            }
        }
        self.name = name
        self.elementType = elementType
        self.storage = storage
        shape = tensor.shape
        self.count = count ?? 0
        offset = tensor.offset
        loops = count == 0 ? [] : Self.loops(tensor)
    }

    private static func product(_ shape: [Int]) -> Int? {
        shape.reduce(1 as Int?) { product, side in
            guard let (value, overflow) = product?.multipliedReportingOverflow(by: side), !overflow else { return nil }
            return value
        }
    }

    /// The largest index of an element in the storage; nil where it is beyond all numbers.
    private static func lastElement(_ tensor: Pickle.Tensor) -> Int? {
        zip(tensor.shape, tensor.strides).reduce(tensor.offset as Int?) { last, dimension in
            let (way, isTooFar) = (dimension.0 - 1).multipliedReportingOverflow(by: dimension.1)
            guard !isTooFar, let (sum, overflow) = last?.addingReportingOverflow(way), !overflow else { return nil }
            return sum
        }
    }

    /// Dimensions that follow each other in the storage become one.
    private static func loops(_ tensor: Pickle.Tensor) -> [(count: Int, stride: Int)] {
        var loops: [(count: Int, stride: Int)] = []
        for (count, stride) in zip(tensor.shape, tensor.strides) where count != 1 {
            if let outer = loops.last, outer.stride == count.multipliedReportingOverflow(by: stride).partialValue {
                loops[loops.count - 1] = (outer.count * count, stride)
            } else {
                loops.append((count, stride))
            }
        }
        return loops.isEmpty ? [(1, 1)] : loops
    }

    /// The elements in row-major order.
    func values() -> [Float] {
        guard count > 0, let inner = loops.last else { return [] }
        let outer = loops.dropLast()
        defer { storage.release() }
        return storage.withBytes { bytes in
            [Float](unsafeUninitializedCapacity: count) { values, initialized in
                var position = [Int](repeating: 0, count: outer.count)
                var start = offset
                while initialized < count {
                    let row = UnsafeMutableBufferPointer(rebasing: values[initialized..<initialized + inner.count])
                    elementType.convert(bytes, from: start, stride: inner.stride, into: row)
                    initialized += inner.count
                    // On to the next row, as an odometer goes on.
                    for (index, loop) in outer.enumerated().reversed() {
                        position[index] += 1
                        start += loop.stride
                        guard position[index] == loop.count else { break }
                        position[index] = 0
                        start -= loop.count * loop.stride
                    }
                }
            }
        }
    }
}
