import CVectorKernels
import Synchronization

/// A model's weights in the forms that plans need. Each form is made when first requested, and shared by all workers.
final class WeightStore: Sendable {
    /// The arrangement of a kernel matrix in memory.
    enum Layout: Hashable {
        /// `[tap][input][output]`, for OpenBLAS.
        case matrix
        /// `[tap][channel]`, for depthwise convolutions.
        case channels
        /// Panels of outputs, for the vector kernels.
        case panels(ElementFormat)
        /// Panels of the transformed kernel.
        case winograd(tileHeight: Int, tileWidth: Int, ElementFormat)

        /// The bytes of a packed number.
        var bytesOfNumber: Int {
            switch self {
            case .matrix, .channels: MemoryLayout<Float>.stride
            case .panels(let format), .winograd(_, _, let format): format.bytes
            }
        }
    }

    /// The bias and activation function after a convolution.
    struct Activation: Sendable {
        /// The bias of each output channel.
        let bias: AlignedBuffer
        /// The smallest value of each output channel: 0 for a ReLU, -infinity for none.
        let floor: AlignedBuffer
        /// The largest value of each output channel; nil if no channel has one.
        let ceiling: AlignedBuffer?
    }

    private struct Key: Hashable {
        let matrix: KernelMatrix
        let layout: Layout
    }

    /// The most recently used kernels. The tiles of a plan depend on the picture's size, so without a limit, pictures
    /// of many sizes would fill the memory with forms of the same weights. Plans keep what they use, even if it is
    /// dropped here.
    private struct KernelCache {
        var mostBytes: Int {
            didSet { dropExcess() }
        }
        private var entries: [Key: (kernel: AlignedBuffer, lastUse: Int)] = [:]
        private var bytes = 0
        private var uses = 0

        init(mostBytes: Int) {
            self.mostBytes = mostBytes
        }

        mutating func find(_ key: Key) -> AlignedBuffer? {
            uses += 1
            entries[key]?.lastUse = uses
            return entries[key]?.kernel
        }

        /// Keeps a kernel and returns it, or returns the one that another worker has made meanwhile.
        mutating func insert(_ kernel: AlignedBuffer, for key: Key) -> AlignedBuffer {
            if let ready = find(key) { return ready }
            entries[key] = (kernel, uses)
            bytes += kernel.bytes.count
            dropExcess()
            return kernel
        }

        private mutating func dropExcess() {
            while bytes > mostBytes, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                bytes -= oldest.value.kernel.bytes.count
                entries[oldest.key] = nil
            }
        }

        mutating func drop() {
            entries = [:]
            bytes = 0
        }

        var cachedBytes: Int { bytes }
    }

    private let source: any WeightSource
    private let epsilon: Float
    private let kernels: Mutex<KernelCache>
    private let activations = Mutex<[ConvolutionGroup: Activation]>([:])

    /// Enough for two plans of the published network's usual layers.
    static let usualCachedBytes = 256 << 20

    init(source: any WeightSource, epsilon: Float, mostCachedBytes: Int = usualCachedBytes) {
        self.source = source
        self.epsilon = epsilon
        kernels = Mutex(KernelCache(mostBytes: mostCachedBytes))
    }

    /// The kernel of one pass.
    ///
    /// - Throws: `ModelError` if the source lacks a tensor.
    func kernel(_ matrix: KernelMatrix, as layout: Layout) throws -> AlignedBuffer {
        let key = Key(matrix: matrix, layout: layout)
        if let ready = kernels.withLock({ $0.find(key) }) { return ready }
        let values = matrix.values(try matrix.group.parts.map { try folded($0.convolution) })
        let packed = Self.pack(values, matrix, as: layout)
        return kernels.withLock { $0.insert(packed, for: key) }
    }

    /// The bias and activation function of a group of convolutions.
    func activation(of group: ConvolutionGroup) throws -> Activation {
        if let ready = activations.withLock({ $0[group] }) { return ready }
        var bias: [Float] = []
        var floor: [Float] = []
        var ceiling: [Float] = []
        for part in group.parts {
            let count = part.convolution.outputs
            bias += part.isActivated ? try folded(part.convolution).bias : [Float](repeating: 0, count: count)
            let range = (part.isActivated ? part.convolution.activation : .none).range
            floor += [Float](repeating: range.lowerBound, count: count)
            ceiling += [Float](repeating: range.upperBound, count: count)
        }
        let activation = Activation(
            bias: AlignedBuffer(bias), floor: AlignedBuffer(floor),
            ceiling: ceiling.contains { $0.isFinite } ? AlignedBuffer(ceiling) : nil)
        return activations.withLock { activations in
            if let ready = activations[group] { return ready }
            activations[group] = activation
            return activation
        }
    }

    /// The bytes of kernels that are kept for later plans.
    var cachedBytes: Int { kernels.withLock { $0.cachedBytes } }

    /// The most bytes of kernels that are kept for later plans.
    var cacheLimit: Int { kernels.withLock { $0.mostBytes } }

    /// Limits the kernels that are kept for later plans.
    func limitCache(toBytes bytes: Int) { kernels.withLock { $0.mostBytes = bytes } }

    /// Keeps no kernels but those that plans use.
    func emptyCache() { kernels.withLock { $0.drop() } }

    private func folded(_ convolution: Convolution) throws -> FoldedConvolution {
        try FoldedConvolution(convolution, from: source, epsilon: epsilon)
    }

    /// How many numbers a packed kernel has.
    static func packedFloats(of matrix: KernelMatrix, as layout: Layout) -> Int {
        let (taps, inputs, outputs) = (Int32(matrix.taps), Int32(matrix.inputs), Int32(matrix.outputs))
        switch layout {
        case .matrix, .channels: return matrix.taps * matrix.inputs * matrix.outputs
        case .panels: return vk_packed_length(taps, inputs, outputs)
        case .winograd(let tileHeight, let tileWidth, _):
            return vk_winograd_packed_length(
                Int32(matrix.rowTaps), Int32(matrix.columnTaps), Int32(tileHeight), Int32(tileWidth), inputs, outputs)
        }
    }

    private static func pack(_ values: [Float], _ matrix: KernelMatrix, as layout: Layout) -> AlignedBuffer {
        let (taps, inputs, outputs) = (Int32(matrix.taps), Int32(matrix.inputs), Int32(matrix.outputs))
        let length = packedFloats(of: matrix, as: layout)
        switch layout {
        case .matrix, .channels:
            return AlignedBuffer(values)
        case .panels(let format):
            let packed = AlignedBuffer(floats: length)
            vk_pack(values, taps, inputs, outputs, packed.floats)
            return Self.factors(packed, length: length, format)
        case .winograd(let tileHeight, let tileWidth, let format):
            let (height, width) = (Int32(matrix.rowTaps), Int32(matrix.columnTaps))
            let packed = AlignedBuffer(floats: length)
            vk_winograd_pack(
                values, height, width, Int32(tileHeight), Int32(tileWidth), inputs, outputs, packed.floats)
            return Self.factors(packed, length: length, format)
        }
    }

    /// Packed weights converted to this format.
    private static func factors(_ packed: AlignedBuffer, length: Int, _ format: ElementFormat) -> AlignedBuffer {
        switch format {
        case .float32: return packed
        case .bfloat16:
            let pairs = AlignedBuffer(floats: length / 2)
            vk_pair_weights(packed.floats, length, pairs.floats)
            return pairs
        }
    }
}
