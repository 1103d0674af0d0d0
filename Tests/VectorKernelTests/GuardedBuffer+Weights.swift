import CVectorKernels

extension GuardedBuffer where Element == Float {
    /// The weights of a convolution, packed for a kernel that reads inputs of the given kind.
    static func packed<Input: TensorElement>(
        _ weights: [Float], taps: Int, inputs: Int, outputs: Int, for _: Input.Type
    ) -> GuardedBuffer<Float> {
        let (taps, inputs, outputs) = (Int32(taps), Int32(inputs), Int32(outputs))
        let packed = GuardedBuffer(count: vk_packed_length(taps, inputs, outputs)) { _ in .nan }
        vk_pack(weights, taps, inputs, outputs, packed.base)
        return Input.holdsFloats ? packed : packed.paired
    }

    /// Packed weights as pairs of bfloat16.
    var paired: GuardedBuffer<Float> {
        let pairs = GuardedBuffer(count: count / 2) { _ in .nan }
        vk_pair_weights(base, count, pairs.base)
        return pairs
    }

    /// The weights of a convolution as its kernel reads them.
    static func transformed(
        _ weights: [Float], for convolution: vk_winograd, _ factors: Factors
    ) -> GuardedBuffer<Float> {
        let packed = GuardedBuffer(
            count: vk_winograd_packed_length(
                convolution.kernel_height, convolution.kernel_width, convolution.tile_height, convolution.tile_width,
                convolution.inputs, convolution.outputs)
        ) { _ in .nan }
        vk_winograd_pack(
            weights, convolution.kernel_height, convolution.kernel_width, convolution.tile_height,
            convolution.tile_width, convolution.inputs, convolution.outputs, packed.base)
        return factors == .pairs ? packed.paired : packed
    }
}
