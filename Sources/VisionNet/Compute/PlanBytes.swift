/// How many bytes a plan takes, as known before it is made. Scratch memory, which threads share between plans, is left
/// out.
package struct PlanBytes: Equatable, Sendable {
    /// The tensors.
    package let arena: Int
    /// The picture and its gradient, and the gradients of terms that differ from pixel to pixel.
    package let pictures: Int
    /// The packed weights, which other plans of the model may share.
    package let weights: Int
    /// What packing the weights takes for a moment.
    package let packing: Int

    package var total: Int { arena + pictures + weights + packing }
}

extension VisionModel {
    /// How many bytes a plan takes, without making it.
    ///
    /// - Parameters:
    ///   - terms: at least one layer, as for `Workspace.plan`; none for activations alone.
    ///   - height: of the pictures in pixels, at least the model's `smallestSide`.
    ///   - width: of the pictures in pixels, at least the model's `smallestSide`.
    ///   - keeping: the layers whose activations are kept for reading after a run.
    /// - Throws: `ModelError` if there is no such layer or channel, or the precision is not available.
    package func planBytes(
        _ terms: [GradientPlan.Term], height: Int, width: Int, precision: Precision = .full, options: ComputeOptions,
        keeping layers: [String] = []
    ) throws -> PlanBytes {
        // Where the tensors are depends on the layers alone; terms of single pixels would take memory now.
        let plain = terms.map { term in
            let measure = term.measure == .guide ? .mean : term.measure
            return GradientPlan.Term(layer: term.layer, measure: measure, channels: term.channels, weight: term.weight)
        }
        let graph = options.fusesNodes ? fusedGraph : graph
        let kept = graph.layers.filter { layers.contains($0.name) }.map(\.tensor)
        let builder = try PlanBuilder(
            model: self, options: options, precision: precision,
            kernels: KernelTables(options.kernels, precision: precision), terms: plain, guides: [:], height: height,
            width: width, keeping: Set(kept))
        let arena = builder.placeTensors()
        let pixelTensors = try Set(terms.filter(\.hasPixels).map { try PlanBuilder.layer(of: $0, in: graph) })
        let pixels = pixelTensors.reduce(2 * 3 * height * width) { sum, tensor in
            let (height, width) = builder.sizes[tensor] ?? (0, 0)
            return sum + height * width * graph.tensors[tensor].channels
        }
        let weights = builder.weightBytes
        return PlanBytes(
            arena: arena, pictures: pixels * MemoryLayout<Float>.stride, weights: weights.packed,
            packing: weights.packing)
    }
}
