import CVectorKernels

/// The objective, a weighted sum of what layers' activations are worth (see `Term`), as a function of a picture of one size,
/// with its gradient.
///
/// The memory of all tensors and every step are fixed when the plan is made; after the first run, which may enlarge the
/// threads' scratch memory, running it allocates nothing. A plan is used by one thread at a time, and not after its
/// workspace has made another.
public final class GradientPlan {
    /// A layer, or some of its channels, whose activation is part of the objective.
    ///
    /// Its value is a mean over channels of each channel's mean over the pixels (of its activations,
    /// or of their squares): the power mean of order `1 - diversity`
    /// (A. B. Atkinson, "On the measurement of inequality", 1970). Without diversity that is the arithmetic mean, which
    /// does not care which channel is excited. With it, a channel's gradient is divided by its mean to the power of
    /// `diversity`, so that what the picture shows little of counts more than what it shows already; so that a silent
    /// channel does not count for everything, each mean is first raised by a twentieth of the arithmetic mean of all.
    ///
    /// Where the term is of some channels, selectivity divides that mean by the layer's own, the arithmetic mean over all its
    /// channels, to the power of `selectivity`: what excites these channels counts, and what excites all alike does not. So
    /// that silent channels have something to climb too, a tenth of `selectivity` times the layer's mean is added first; at
    /// selectivity 1 that is constant, and they stay silent.
    ///
    /// A term of negative weight fades what is there, and always takes the arithmetic mean alone.
    public struct Term: Hashable, Sendable {
        /// What of a channel's activations is averaged over the pixels.
        public enum Measure: Hashable, Sendable, CaseIterable {
            /// The activations themselves. A whole layer that no ReLU follows has no use for it: what excites it is as much
            /// below zero as above.
            case mean
            /// Their squares: the objective of google/deepdream, 2015, but for a factor. Strong activations count most.
            case meanOfSquares
        }

        public let layer: String
        public let measure: Measure
        /// Those that count; nil for all.
        public let channels: Set<Int>?
        /// What the mean is multiplied by; negative to fade it.
        public let weight: Double
        /// From 0, for the arithmetic mean, to 1, for the geometric one.
        public let diversity: Double
        /// From 0, for the channels' mean itself, to 1, for its ratio to the layer's mean. Nothing to a whole layer.
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
    /// The picture, RGB in [-1, 1], row by row (HWC). Running the plan leaves it as it is.
    public let input: UnsafeMutableBufferPointer<Float>
    /// The objective's gradient with respect to each number of `input`, after `run`.
    public let gradient: UnsafeMutableBufferPointer<Float>

    let program: Program
    let memory: PlanMemory
    let options: ComputeOptions
    /// The workspace's, for the thread that runs the plan.
    let scratch: ScratchMemory
    private let objective: Objective
    /// Owns the weights that the steps point at.
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
    /// - Returns: the objective: the sum over the terms of weight times value.
    @discardableResult
    public func run() -> Double {
        options.team.run(program, scratch: scratch)
        return objective.value
    }

    /// A tensor's activations (HWC) after `run`, where the workspace was told to keep them.
    package func activations(of tensor: Int) -> [Float]? {
        guard let view = views[tensor] else { return nil }
        return (0..<view.height).flatMap { row in
            (0..<view.width).flatMap { view.values(row, $0) }
        }
    }

    /// The ReLU and max-pool decisions of the last run, for checking the gradient apart from them.
    package var lastDecisions: PlanDecisions { decisions }
}
