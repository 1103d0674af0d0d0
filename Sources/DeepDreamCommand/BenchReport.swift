import FoundationEssentials
import Glibc

/// How fast gradient steps are, and how much memory they need.
struct BenchReport: Encodable {
    let model, backend, precision, size: String
    let threads, steps: Int
    let stepsPerSecond, medianStepMilliseconds, fastestStepMilliseconds: Double
    let loadMilliseconds: Double
    /// The peak of this process's resident memory until now, in units of 10⁶ bytes.
    let peakMemoryMegabytes = Self.peakMemoryMegabytes

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
        return """
            model         \(model), \(size), \(backend), \(precision), threads \(threads)
            steps         \(rounded(stepsPerSecond)) per second over \(steps) steps
            one step      \(rounded(medianStepMilliseconds)) ms (median), \
            \(rounded(fastestStepMilliseconds)) ms (fastest)
            loading       \(rounded(loadMilliseconds)) ms
            peak memory   \(rounded(peakMemoryMegabytes)) MB
            """
    }

    private static var peakMemoryMegabytes: Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return Double(usage.ru_maxrss) * 1024 / 1e6
    }
}
