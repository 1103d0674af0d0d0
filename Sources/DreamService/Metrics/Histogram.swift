/// Counts durations by how long they were, as Prometheus expects it.
package struct Histogram: Equatable, Sendable {
    /// The upper bounds of the buckets in seconds, ascending. From the answer to a probe to the longest usual dream.
    package static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

    /// How many durations are in each bucket and not in the one before; the last element counts those over all bounds.
    private var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// The sum of all durations, in seconds.
    package private(set) var sum = 0.0

    package init() {}

    /// How many durations were counted.
    package var count: Int { counts.reduce(0, +) }

    package mutating func count(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sum += seconds
    }

    /// For each bound, how many durations were at most as long; the last is for infinity.
    package var cumulative: [(bound: Double, count: Int)] {
        var total = 0
        return zip(Self.bounds + [.infinity], counts).map { bound, count in
            total += count
            return (bound, total)
        }
    }
}
