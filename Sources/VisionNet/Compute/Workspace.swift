import COpenBLAS
import CVectorKernels

/// The mutable side of a model: memory and threads that plans use. Each worker has one and reuses it from job to job.
public final class Workspace {
    public let model: VisionModel
    public let options: ComputeOptions
    let kernels: OpaquePointer
    /// Of the thread that runs plans.
    let scratch = ScratchMemory()
    private var arena = AlignedBuffer(byteCount: 0)

    /// Memory up to this many times a plan's need is kept for it; beyond, it is given back.
    private static let keptExcess = 4
    /// Memory up to this many bytes is kept between pictures.
    private static let largestKept = 64 << 20

    /// - Throws: `ModelError.unavailableInstructionSet` where this CPU lacks the instruction set that `options` names.
    public init(model: VisionModel, options: ComputeOptions = ComputeOptions()) throws {
        guard let kernels = vk_select(options.instructionSet) else {
            throw ModelError.unavailableInstructionSet(
                options.instructionSet ?? "", available: ComputeOptions.availableInstructionSets)
        }
        self.model = model
        self.options = options
        self.kernels = kernels
        // Parallelism is the team's; OpenBLAS's own threads would fight it.
        openblas_set_num_threads(1)
    }

    /// Plans the objective and its gradient for pictures of one size. The workspace's earlier plan must not be used
    /// any more.
    ///
    /// - Parameters:
    ///   - terms: at least one layer, with at least one channel.
    ///   - height: of the pictures, in pixels, from `VisionModel.minimumSide`.
    /// - Throws: `ModelError.noLayers`, `.unknownLayer`, `.unknownChannel`, `.inputTooSmall`,
    ///   `.unavailablePrecision`, or where the model's file lacks a tensor.
    public func plan(
        _ terms: [GradientPlan.Term], height: Int, width: Int, precision: Precision = .full
    ) throws -> GradientPlan {
        try plan(terms, height: height, width: width, precision: precision, keeping: [])
    }

    /// - Parameter keeping: tensors whose activations are kept for reading.
    package func plan(
        _ terms: [GradientPlan.Term], height: Int, width: Int, precision: Precision = .full, keeping: Set<Int>
    ) throws -> GradientPlan {
        guard !terms.isEmpty else { throw ModelError.noLayers }
        guard min(height, width) >= model.smallestSide else {
            throw ModelError.inputTooSmall(width: width, height: height, minimum: model.smallestSide)
        }
        let builder = try PlanBuilder(
            model: model, options: options, precision: precision, kernels: try kernels(for: precision), terms: terms,
            height: height, width: width, keeping: keeping)
        try builder.build { [self] bytes in
            if arena.bytes.count < bytes || arena.bytes.count > Self.keptExcess * bytes {
                // The old one goes first, so that the two are never there at once.
                arena = AlignedBuffer(byteCount: 0)
                arena = AlignedBuffer(byteCount: bytes)
            }
            return arena
        }
        return GradientPlan(builder, scratch: scratch)
    }

    /// Gives the memory back that only large pictures need; an idle worker would keep it. The next plan asks for its
    /// own.
    package func releaseExcessMemory() {
        if arena.bytes.count > Self.largestKept { arena = AlignedBuffer(byteCount: 0) }
    }

    /// Bytes that are kept for the next plan.
    package var keptBytes: Int { arena.bytes.count }

    private func kernels(for precision: Precision) throws -> KernelTables {
        switch precision {
        case .full: return KernelTables(full: kernels, reduced: nil)
        case .fast:
            guard let reduced = vk_reduced(kernels) else {
                throw ModelError.unavailablePrecision(
                    precision, reason: "'\(String(cString: vk_name(kernels)))' has no products of bfloat16 on this CPU")
            }
            return KernelTables(full: kernels, reduced: reduced)
        }
    }
}
