import CVectorKernels

/// The objective, a weighted sum over layers (see `Term`), as a function of a picture of one size, with its gradient.
///
/// All memory and steps are fixed when the plan is made. The first run may enlarge the threads' scratch memory; later
/// runs allocate nothing. Only one thread may use a plan at a time, and no one may use it after its workspace has made
/// another plan.
public final class GradientPlan {
    /// A layer, or some of its channels, whose activation is part of the objective.
    ///
    /// First, each channel's activations, or their squares, are averaged over the pixels. The value is the power mean
    /// of order `1 - diversity` of these channel means (A. B. Atkinson, "On the measurement of inequality", 1970). With
    /// diversity 0 that is the arithmetic mean, which treats all channels alike. With more, a channel's gradient is
    /// divided by its mean to the power of `diversity`, so that channels of which the picture shows little count more.
    /// To keep silent channels from outweighing all others, each mean is first raised by a twentieth of the arithmetic
    /// mean of all.
    ///
    /// If the term names some channels, selectivity divides their mean by the layer's mean (the arithmetic mean over
    /// all its channels) to the power of `selectivity`: what excites only these channels counts, what excites all
    /// channels does not. So that silent channels have a gradient too, a tenth of `selectivity` times the layer's mean
    /// is added before the division. At selectivity 1 this addition becomes a constant, and silent channels stay
    /// silent.
    ///
    /// A term of negative weight fades its channels, and always uses the arithmetic mean alone.
    public struct Term: Hashable, Sendable {
        /// What is averaged over a channel's pixels.
        public enum Measure: Hashable, Sendable, CaseIterable {
            /// The activations themselves. Not useful for a whole layer without a ReLU, where values above and below
            /// zero cancel out.
            case mean
            /// Their squares: up to a constant factor the objective of google/deepdream, 2015. Strong activations count
            /// most.
            case meanOfSquares
        }

        public let layer: String
        public let measure: Measure
        /// The channels that count; nil for all.
        public let channels: Set<Int>?
        /// The factor of the mean; negative to fade the layer.
        public let weight: Double
        /// From 0 (arithmetic mean of the channels) to 1 (geometric mean).
        public let diversity: Double
        /// From 0 (the channels' mean itself) to 1 (its ratio to the layer's mean). Without effect on a whole layer.
        public let selectivity: Double

        public init(
            layer: String, measure: Measure = .mean, channels: Set<Int>? = nil, weight: Double = 1,
            diversity: Double = 0, selectivity: Double = 0
        ) {
            self.layer = layer
            self.measure = measure
            self.channels = channels
            self.weight = weight
            self.diversity = diversity
            self.selectivity = selectivity
        }
    }

    public let height: Int
    public let width: Int
    /// The picture, RGB in [-1, 1], row by row (HWC). Running the plan does not change it.
    public let input: UnsafeMutableBufferPointer<Float>
    /// The objective's derivative with respect to each number of `input`, in the same order, after `run`.
    public let gradient: UnsafeMutableBufferPointer<Float>

    let program: Program
    let memory: PlanMemory
    let options: ComputeOptions
    /// The workspace's scratch memory, for the thread that runs the plan.
    let scratch: ScratchMemory
    private let objective: Objective
    /// Owns the weights that the steps point to.
    private let model: VisionModel
    private let views: [Graph.TensorID: TensorView]
    private let decisions: PlanDecisions

    init(_ builder: PlanBuilder, scratch: ScratchMemory) {
        (height, width) = (builder.height, builder.width)
        program = Program(builder.steps)
        memory = builder.memory
        input = UnsafeMutableBufferPointer(start: builder.memory.input, count: 3 * height * width)
        gradient = UnsafeMutableBufferPointer(start: builder.memory.inputGradient, count: 3 * height * width)
        options = builder.options
        self.scratch = scratch
        objective = builder.objective
        model = builder.model
        views = builder.activationViews
        decisions = builder.decisions
    }

    /// Computes `gradient` from `input`.
    ///
    /// - Returns: the objective: the sum of the terms' values times their weights.
    @discardableResult
    public func run() -> Double {
        options.team.run(program, scratch: scratch)
        return objective.value
    }

    /// A tensor's activations (HWC) after `run`; nil if the workspace was not told to keep them.
    package func activations(of tensor: Int) -> [Float]? {
        guard let view = views[tensor] else { return nil }
        return (0..<view.height).flatMap { row in
            (0..<view.width).flatMap { view.values(row, $0) }
        }
    }

    /// The ReLU and max-pool decisions of the last run, so that tests can check the gradient separately. They survive
    /// `run()` only if the plan was made with a non-empty `keeping`; otherwise their memory is reused during the run.
    package var lastDecisions: PlanDecisions { decisions }
}
