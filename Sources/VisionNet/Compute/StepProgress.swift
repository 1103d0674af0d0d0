import Synchronization

/// How many parts of a step were handed out and done, in the run of a certain number.
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

    /// The next part to do, or nil where none is left or the run is over.
    func take(of parts: Int, in run: UInt32) -> Int? {
        var word = next.load(ordering: .acquiring)
        while let part = Self.count(word, in: run), part < parts {
            let (exchanged, original) = next.compareExchange(
                expected: word, desired: Self.word(run, part + 1), ordering: .acquiringAndReleasing)
            if exchanged { return part }
            word = original
        }
        return nil
    }

    /// Whether every part is taken, or the run over.
    func isHandedOut(_ parts: Int, in run: UInt32) -> Bool {
        guard let count = Self.count(next.load(ordering: .acquiring), in: run) else { return true }
        return count >= parts
    }

    /// Says that a part that was taken is done.
    func finishPart() {
        done.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    /// Whether every part is done, or the run over.
    func isComplete(_ parts: Int, in run: UInt32) -> Bool {
        guard let count = Self.count(done.load(ordering: .acquiring), in: run) else { return true }
        return count >= parts
    }
}
