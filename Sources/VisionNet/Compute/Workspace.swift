import COpenBLAS
import CVectorKernels

/// The mutable part of a model: the memory and threads that plans use. Each worker has one and reuses it for every job.
public final class Workspace {
    public let model: VisionModel
    public let options: ComputeOptions
    /// Asked often while a plan of this workspace is made or run, on the thread that does that. Once it has returned
    /// true, plans are no longer made (`CancellationError`), and what runs ends soon, without a valid result. Plans ask
    /// the closure that was set when they were made.
    public var isCancelled: @Sendable () -> Bool = { false }
    let kernels: OpaquePointer
    /// The scratch memory of the thread that runs plans.
    let scratch = ScratchMemory()
    private var arena = AlignedBuffer(byteCount: 0)

    /// Memory up to this many times a plan's need is kept; more is freed.
    private static let keptExcess = 4
    /// Memory up to this many bytes is kept between pictures.
    private static let largestKept = 8 << 20

    /// - Parameters:
    ///   - model: the network and its weights.
    ///   - options: how to compute.
    /// - Throws: `ModelError.unavailableInstructionSet` if this CPU lacks the instruction set that `options` names.
    public init(model: VisionModel, options: ComputeOptions = ComputeOptions()) throws {
        self.model = model
        self.options = options
        kernels = try options.kernels
        // The team runs the threads; OpenBLAS's own would compete with them.
        openblas_set_num_threads(1)
    }

    /// Plans the objective and its gradient for pictures of one size. The workspace's earlier plan must not be used any
    /// more.
    ///
    /// - Parameters:
    ///   - terms: at least one layer, with at least one channel.
    ///   - height: the height of the pictures in pixels, at least the model's `smallestSide`.
    ///   - width: the width of the pictures in pixels, at least the model's `smallestSide`.
    ///   - precision: full, or fast if this CPU supports it.
    ///   - guides: the guide's features of each layer that has a term with the measure `guide`.
    /// - Throws: `ModelError.noLayers`, `.unknownLayer`, `.unknownChannel`, `.inputTooSmall`, `.unavailablePrecision`,
    ///   or an error if the model's file lacks a tensor; `CancellationError` if `isCancelled`.
    public func plan(
        _ terms: [GradientPlan.Term], height: Int, width: Int, precision: Precision = .full,
        guides: [String: GuideFeatures] = [:]
    ) throws -> GradientPlan {
        try plan(terms, height: height, width: width, precision: precision, guides: guides, keeping: [])
    }

    /// As the public method.
    ///
    /// - Parameter keeping: the tensors whose activations are kept for reading after a run.
    package func plan(
        _ terms: [GradientPlan.Term], height: Int, width: Int, precision: Precision = .full,
        guides: [String: GuideFeatures] = [:], keeping: Set<Int>
    ) throws -> GradientPlan {
        guard !terms.isEmpty else { throw ModelError.noLayers }
        return try newPlan(
            terms, height: height, width: width, precision: precision, guides: guides, keeping: keeping)
    }

    /// A plan without an objective: its run computes activations alone.
    func plan(height: Int, width: Int, keeping: Set<Int>) throws -> GradientPlan {
        try newPlan([], height: height, width: width, precision: .full, guides: [:], keeping: keeping)
    }

    private func newPlan(
        _ terms: [GradientPlan.Term], height: Int, width: Int, precision: Precision, guides: [String: GuideFeatures],
        keeping: Set<Int>
    ) throws -> GradientPlan {
        guard min(height, width) >= model.smallestSide else {
            throw ModelError.inputTooSmall(width: width, height: height, minimum: model.smallestSide)
        }
        let builder = try PlanBuilder(
            model: model, options: options, precision: precision,
            kernels: try KernelTables(kernels, precision: precision),
            terms: terms,
            guides: guides, height: height, width: width, keeping: keeping)
        builder.isCancelled = isCancelled
        try builder.build { [self] bytes in
            if arena.bytes.count < bytes || arena.bytes.count > Self.keptExcess * bytes {
                // Frees the old memory first, so that both never exist at once.
                arena = AlignedBuffer(byteCount: 0)
                arena = AlignedBuffer(byteCount: bytes)
            }
            return arena
        }
        return GradientPlan(builder, scratch: scratch)
    }

    /// Frees memory that only large pictures need, so that an idle worker does not keep it. The next plan allocates its
    /// own.
    package func releaseExcessMemory() {
        if arena.bytes.count > Self.largestKept { arena = AlignedBuffer(byteCount: 0) }
    }

    /// The bytes kept for the next plan.
    package var keptBytes: Int { arena.bytes.count }
}
