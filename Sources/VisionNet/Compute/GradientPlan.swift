import CVectorKernels

/// Computes an objective of a picture of one size, and the objective's gradient with respect to the picture.
///
/// The objective is a sum of terms (see `Term`). Making the plan fixes every step and the memory of every tensor, so
/// running it allocates nothing, except that the first run may enlarge the threads' scratch memory. Only one thread may
/// use a plan at a time, and making another plan with the same workspace ends its use.
public final class GradientPlan {
    /// A layer, or some of its channels, whose activations are part of the objective.
    ///
    /// First, each channel's activations, or their squares, are averaged over the pixels. The value of the term is a
    /// mean of these channel means, multiplied by the weight.
    ///
    /// - **Diversity.** The mean over channels is the power mean of order `1 - diversity` (A. B. Atkinson, "On the
    ///   measurement of inequality", 1970). At diversity 0 it is the arithmetic mean, and all channels count alike.
    ///   Above 0, channels that the picture shows little of count more: a channel's gradient is divided by its mean to
    ///   the power of `diversity`. A twentieth of the arithmetic mean is added to every channel mean first, because the
    ///   gradient of a silent channel would otherwise be infinite.
    /// - **Selectivity.** If the term names channels, their mean is divided by the mean of the whole layer to the power
    ///   of `selectivity`. Then what excites only these channels counts, and what excites the whole layer does not.
    ///   Before that, a tenth of `selectivity` times the layer's mean is added, so that silent channels have a gradient
    ///   too. At selectivity 1 this addend becomes a constant, and they have none.
    ///
    /// A term with a negative weight makes its channels fade. It always uses the arithmetic mean.
    public struct Term: Hashable, Sendable {
        /// What of a channel's activations is averaged over the pixels.
        public enum Measure: Hashable, Sendable, CaseIterable {
            /// The activations themselves. Not useful for a whole layer without a ReLU, whose activations are below
            /// zero as often as above.
            case mean
            /// Their squares: the objective of google/deepdream, 2015, but for a factor. Strong activations count most.
            case meanOfSquares
            /// At each pixel, the dot product of the activations with those of the guide's pixel that match best; for
            /// whole layers (see `GuideFeatures`).
            case guide
        }

        /// A place in the picture: from 0 at the left and the top to 1.
        public struct Position: Hashable, Sendable {
            public let x: Double
            public let y: Double

            public init(x: Double, y: Double) {
                (self.x, self.y) = (x, y)
            }
        }

        public let layer: String
        public let measure: Measure
        /// The channels that count; nil for all.
        public let channels: Set<Int>?
        /// The only pixel that counts, with the arithmetic mean of its channels; nil for all pixels.
        public let position: Position?
        /// The factor of the mean; negative to make the layer fade.
        public let weight: Double
        /// From 0, for the arithmetic mean, to 1, for the geometric one.
        public let diversity: Double
        /// From 0, for the channels' mean itself, to 1, for its ratio to the layer's mean. Nothing to a whole layer.
        public let selectivity: Double

        /// Whether its gradient at the layer differs from pixel to pixel, other than in proportion to the activations.
        var hasPixels: Bool { position != nil || measure == .guide }

        public init(
            layer: String, measure: Measure = .mean, channels: Set<Int>? = nil, position: Position? = nil,
            weight: Double = 1, diversity: Double = 0, selectivity: Double = 0
        ) {
            self.layer = layer
            self.measure = measure
            self.channels = channels
            self.position = position
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
    private let isCancelled: @Sendable () -> Bool
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
        isCancelled = builder.isCancelled
        self.scratch = scratch
        objective = builder.objective
        model = builder.model
        views = builder.activationViews
        decisions = builder.decisions
    }

    /// Computes `gradient` from `input`. If the workspace's work was cancelled, the result is not valid.
    ///
    /// - Returns: the objective: the sum over the terms of weight times value.
    @discardableResult
    public func run() -> Double {
        options.team.run(program, scratch: scratch, isCancelled: isCancelled)
        return objective.value
    }

    /// A tensor's activations (HWC) after `run`, where the workspace was told to keep them.
    package func activations(of tensor: Int) -> [Float]? {
        guard let view = views[tensor] else { return nil }
        return (0..<view.height).flatMap { row in
            (0..<view.width).flatMap { view.values(row, $0) }
        }
    }

    /// A layer's activations after `run`, where the workspace was told to keep them.
    func activations(of tensor: Int, layer: String) -> LayerActivations? {
        guard let view = views[tensor], let values = activations(of: tensor) else { return nil }
        return LayerActivations(
            layer: layer, height: view.height, width: view.width, channels: view.channels, values: values)
    }

    /// The ReLU and max-pool decisions of the last run, for tests. They are valid only if the plan keeps activations
    /// (`keeping` is not empty); otherwise their memory is used for other tensors.
    package var lastDecisions: PlanDecisions { decisions }
}
