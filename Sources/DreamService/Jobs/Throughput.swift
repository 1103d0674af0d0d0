import Glibc
import Synchronization

/// How fast this machine dreams, measured at every step of every job, also of those that run or were cancelled.
///
/// A speed belongs to the machine as a whole: of `n` jobs that run at once, each is taken to have an `n`th of it.
package final class Throughput: Sendable {
    /// Operations and the seconds that they took; older ones count less.
    private struct Measurement {
        var operations = 0.0
        var seconds = 0.0
    }

    /// After this many seconds of computing, what was measured before counts by 1/e.
    private static let memory = 30.0
    /// A speed is known once this many seconds were measured. The first steps also prepare the weights.
    private static let shortest = 0.5
    /// By how much a model that has not been measured can be faster than those that have.
    private static let mostTimesFaster = 4.0

    private let measurements = Mutex<[JobCost.Kind: Measurement]>([:])
    private let firstSpeed: Double?

    /// - Parameter firstSpeed: about how many operations this machine does in a second.
    package init(firstSpeed: Double? = nil) {
        self.firstSpeed = firstSpeed
    }

    /// Notes how long some operations took.
    ///
    /// - Parameter seconds: the time that they would have taken on a machine without other jobs.
    package func measure(_ operations: Double, of kind: JobCost.Kind, seconds: Double) {
        guard operations > 0, seconds > 0 else { return }
        measurements.withLock { measurements in
            var measurement = measurements[kind] ?? Measurement()
            let rest = exp(-seconds / Self.memory)
            measurement.operations = measurement.operations * rest + operations
            measurement.seconds = measurement.seconds * rest + seconds
            measurements[kind] = measurement
        }
    }

    /// How long a job will compute on a machine without other jobs, in seconds; nil while nothing like it was measured.
    package func seconds(for cost: JobCost) -> Double? {
        measurements.withLock { measurements in
            guard let measurement = measurements[cost.kind], measurement.seconds >= Self.shortest else { return nil }
            return cost.operations * measurement.seconds / measurement.operations
        }
    }

    /// How long a job will compute at least on a machine without other jobs, in seconds; nil while nothing was
    /// measured. Where nothing like it was measured, it is taken to be several times faster than all that was.
    package func leastSeconds(for cost: JobCost) -> Double? {
        if let seconds = seconds(for: cost) { return seconds }
        let fastest = ([firstSpeed].compactMap { $0 } + speeds.map(\.operationsPerSecond)).max()
        return fastest.map { cost.operations / (Self.mostTimesFaster * $0) }
    }

    /// The measured speeds, in operations per second.
    package var speeds: [(kind: JobCost.Kind, operationsPerSecond: Double)] {
        measurements.withLock { measurements in
            measurements.filter { $0.value.seconds >= Self.shortest }
                .map { ($0.key, $0.value.operations / $0.value.seconds) }
        }
    }
}
