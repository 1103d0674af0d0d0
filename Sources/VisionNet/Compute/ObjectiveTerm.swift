import Glibc

/// A term of an objective as a function of the means of its layer's channels.
struct ObjectiveTerm {
    let tensor: Graph.TensorID
    let measure: GradientPlan.Term.Measure
    /// The channels that count, in order.
    private let channels: [Int]
    private let weight: Double
    private let diversity: Double
    private let selectivity: Double

    /// Added to each channel's mean, as a share of the mean of all. Without it, the gradient of a silent channel would
    /// be infinite.
    private static let meanOffset = 0.05
    /// Added to the mean in proportion to selectivity, as a share of the layer's mean, so that silent channels have a
    /// gradient too. At selectivity 1 the addition becomes a constant without effect.
    private static let selectiveMeanOffset = 0.1
    /// A layer with a smaller mean counts as silent: nothing can stand out from it.
    private static let leastLayerMean = 1e-12

    /// - Parameter channels: the number of all channels of the tensor.
    init(_ term: GradientPlan.Term, tensor: Graph.TensorID, channels: Int) {
        self.tensor = tensor
        measure = term.measure
        self.channels = term.channels?.sorted() ?? Array(0..<channels)
        weight = term.weight
        diversity = weight > 0 ? term.diversity : 0
        selectivity = weight > 0 && self.channels.count < channels ? term.selectivity : 0
    }

    /// Returns the term's value, and adds its derivative by each channel's mean to `gradient`.
    func value(
        ofMeans means: UnsafeMutableBufferPointer<Double>, addingTo gradient: UnsafeMutableBufferPointer<Double>
    ) -> Double {
        let layerMean = means.reduce(0, +) / Double(means.count)
        guard selectivity > 0, layerMean > Self.leastLayerMean else {
            return mean(of: means, times: weight, addingTo: gradient)
        }
        // The value is scale · (mean + share · layerMean), and the scale falls as the layer's mean grows.
        let scale = weight * pow(layerMean, -selectivity)
        let share = selectivity * Self.selectiveMeanOffset
        let value = mean(of: means, times: scale, addingTo: gradient) + scale * share * layerMean
        let derivative = scale * share - selectivity * value / layerMean
        for channel in means.indices { gradient[channel] += derivative / Double(means.count) }
        return value
    }

    /// Returns the power mean of the term's channels times `weight`, and adds its derivative by each channel's mean to
    /// `gradient`.
    private func mean(
        of means: UnsafeMutableBufferPointer<Double>, times weight: Double,
        addingTo gradient: UnsafeMutableBufferPointer<Double>
    ) -> Double {
        let count = Double(channels.count)
        let mean = channels.reduce(0) { $0 + means[$1] } / count
        guard diversity > 0, mean > 0 else {
            for channel in channels { gradient[channel] += weight / count }
            return weight * mean
        }
        func logarithm(_ channel: Int) -> Double { log(max(0, means[channel]) / mean + Self.meanOffset) }
        // The mean of order 1 - diversity, written so that it tends to the geometric mean as the order tends to 0.
        let order = 1 - diversity
        let average =
            order == 0
            ? channels.reduce(0) { $0 + logarithm($1) } / count
            : log1p(channels.reduce(0) { $0 + expm1(order * logarithm($1)) } / count) / order
        var shares = 0.0
        for channel in channels {
            let share = exp(diversity * (average - logarithm(channel))) / count
            shares += share
            gradient[channel] += weight * share
        }
        for channel in channels { gradient[channel] += weight * shares * Self.meanOffset / count }
        return weight * mean * exp(average)
    }
}
