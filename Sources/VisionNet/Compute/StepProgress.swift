import Synchronization

/// How many units of a step were handed out and done, in the run of a certain number.
///
/// A thread that was put to sleep may come back during a later run. The run's number stands beside the count in one
/// atomic word, so such a thread notices before it takes work that is not its own.
final class StepProgress: Sendable {
    private let next = Atomic<UInt64>(0)
    private let done = Atomic<UInt64>(0)

    private static let countBits: UInt64 = 32

    private static func word(_ run: UInt32, _ count: Int) -> UInt64 {
        UInt64(run) << countBits | UInt64(UInt32(truncatingIfNeeded: count))
    }

    private static func count(_ word: UInt64, in run: UInt32) -> Int? {
        word >> countBits == UInt64(run) ? Int(UInt32(truncatingIfNeeded: word)) : nil
    }

    func reset(for run: UInt32) {
        next.store(Self.word(run, 0), ordering: .releasing)
        done.store(Self.word(run, 0), ordering: .releasing)
    }

    /// The next units to do, or nil where none are left or the run is over.
    func take(_ grain: Int, of units: Int, in run: UInt32) -> Range<Int>? {
        var word = next.load(ordering: .acquiring)
        while let first = Self.count(word, in: run), first < units {
            let end = min(first + grain, units)
            let (exchanged, original) = next.compareExchange(
                expected: word, desired: Self.word(run, end), ordering: .acquiringAndReleasing)
            if exchanged { return first..<end }
            word = original
        }
        return nil
    }

    /// Whether every unit is taken, or the run over.
    func isHandedOut(_ units: Int, in run: UInt32) -> Bool {
        guard let count = Self.count(next.load(ordering: .acquiring), in: run) else { return true }
        return count >= units
    }

    func finish(_ count: Int) {
        done.wrappingAdd(UInt64(count), ordering: .acquiringAndReleasing)
    }

    /// Whether every unit is done, or the run over.
    func isComplete(_ units: Int, in run: UInt32) -> Bool {
        guard let count = Self.count(done.load(ordering: .acquiring), in: run) else { return true }
        return count >= units
    }
}
