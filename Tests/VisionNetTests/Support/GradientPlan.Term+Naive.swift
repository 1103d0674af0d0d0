import Foundation
import VisionNet

extension GradientPlan.Term {
    /// The mean of the term's channels, plus a tenth of selectivity times the layer's mean, divided by the layer's mean
    /// to the power of selectivity.
    func value(at means: [Double]) -> Double {
        guard channels != nil, selectivity > 0, weight > 0 else { return mean(of: means) }
        let layerMean = means.reduce(0, +) / Double(means.count)
        return (mean(of: means) + 0.1 * selectivity * layerMean) / pow(layerMean, selectivity)
    }

    /// The power mean of the term's channels, to each of which a twentieth of their arithmetic mean is added.
    private func mean(of means: [Double]) -> Double {
        let counted = means.indices.filter { channels?.contains($0) ?? true }.map { means[$0] }
        let count = Double(counted.count)
        let arithmetic = counted.reduce(0, +) / count
        if diversity == 0 || weight < 0 { return arithmetic }
        let raised = counted.map { $0 + 0.05 * arithmetic }
        // By logarithms, because the product of hundreds of small means would be 0.
        if diversity == 1 { return exp(raised.reduce(0) { $0 + log($1) } / count) }
        return pow(raised.reduce(0) { $0 + pow($1, 1 - diversity) } / count, 1 / (1 - diversity))
    }

    /// The derivative of the value with respect to one channel's mean, as a difference quotient.
    func derivative(at means: [Double], _ channel: Int) -> Double {
        var (less, more) = (means, means)
        let step = 1e-5 * (means.max() ?? 0)
        less[channel] -= step
        more[channel] += step
        return (value(at: more) - value(at: less)) / (2 * step)
    }
}
