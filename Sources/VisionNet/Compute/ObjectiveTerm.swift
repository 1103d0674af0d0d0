import Glibc

/// A term of an objective as a function of the means of its layer's channels.
struct ObjectiveTerm {
    let tensor: Graph.TensorID
    /// The channels that count, in order.
    private let channels: [Int]
    private let weight: Double
    private let diversity: Double

    /// What each channel's mean is raised by, as a share of the mean of them all, so that a silent channel asks for much
    /// and not for everything.
    private static let raise = 0.05

    /// - Parameter channels: how many the tensor has, among them the term's.
    init(_ term: GradientPlan.Term, tensor: Graph.TensorID, channels: Int) {
        self.tensor = tensor
        self.channels = term.channels?.sorted() ?? Array(0..<channels)
        (weight, diversity) = (term.weight, term.weight > 0 ? term.diversity : 0)
    }

    /// The term's value; adds its derivative by each channel's mean to `gradient`.
    func value(
        ofMeans means: UnsafeMutableBufferPointer<Double>, addingTo gradient: UnsafeMutableBufferPointer<Double>
    ) -> Double {
        let count = Double(channels.count)
        let mean = channels.reduce(0) { $0 + means[$1] } / count
        guard diversity > 0, mean > 0 else {
            for channel in channels { gradient[channel] += weight / count }
            return weight * mean
        }
        func logarithm(_ channel: Int) -> Double { log(max(0, means[channel]) / mean + Self.raise) }
        // The mean of order 1 - diversity; written so that it tends to the geometric mean, which is that of order 0.
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
        for channel in channels { gradient[channel] += weight * shares * Self.raise / count }
        return weight * mean * exp(average)
    }
}
