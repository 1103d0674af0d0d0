import Synchronization

/// Which parts of a step have been handed out and how many are done, in a numbered run.
///
/// The parts are divided, in order, into shares. A thread takes its own share first, then what is left of the others'.
/// So a thread usually works on the same rows of the picture in step after step and finds them in its own cache, but
/// never has to wait for a share that a slow thread has not started.
///
/// A thread that the system put to sleep may resume during a later run. Each count is stored with its run's number in
/// one atomic word, so such a thread notices before it takes a part of the wrong run.
package final class StepProgress: Sendable {
    private let parts: Int
    private let shares: Int
    /// The next part of each share. A pointer, as an array cannot hold atomics; unsafe only by its type.
    nonisolated(unsafe) private let next: UnsafeMutablePointer<Atomic<UInt64>>
    private let done = Atomic<UInt64>(0)

    private static let countBits: UInt64 = 32

    /// - Parameters:
    ///   - parts: the number of parts, at least 1.
    ///   - shares: the most threads that may take part, at least 1.
    package init(parts: Int, shares: Int) {
        self.parts = parts
        self.shares = shares
        next = .allocate(capacity: shares)
        for share in 0..<shares { (next + share).initialize(to: Atomic(0)) }
    }

    deinit {
        next.deinitialize(count: shares)
        next.deallocate()
    }

    private static func word(_ run: UInt32, _ count: Int) -> UInt64 {
        UInt64(run) << countBits | UInt64(UInt32(truncatingIfNeeded: count))
    }

    private static func count(_ word: UInt64, in run: UInt32) -> Int? {
        word >> countBits == UInt64(run) ? Int(UInt32(truncatingIfNeeded: word)) : nil
    }

    private func start(ofShare share: Int) -> Int { parts * share / shares }

    /// Begins a run with no part taken.
    ///
    /// - Parameter run: the run's number, at least 1 and different from the last one's.
    package func reset(for run: UInt32) {
        for share in 0..<shares { next[share].store(Self.word(run, start(ofShare: share)), ordering: .releasing) }
        done.store(Self.word(run, 0), ordering: .releasing)
    }

    /// Takes a part to do; nil if none is left or the run is over.
    ///
    /// - Parameters:
    ///   - threadIndex: numbers the threads of a run from 0, and with it each thread's own share.
    ///   - run: the run's number, as for `reset`.
    package func take(from threadIndex: Int, in run: UInt32) -> Int? {
        for distance in 0..<shares {
            if let part = take(ofShare: (threadIndex + distance) % shares, in: run) { return part }
        }
        return nil
    }

    private func take(ofShare share: Int, in run: UInt32) -> Int? {
        let end = start(ofShare: share + 1)
        var word = next[share].load(ordering: .acquiring)
        while let part = Self.count(word, in: run), part < end {
            let (exchanged, original) = next[share].compareExchange(
                expected: word, desired: Self.word(run, part + 1), ordering: .acquiringAndReleasing)
            if exchanged { return part }
            word = original
        }
        return nil
    }

    /// Whether every part is taken, or the run is over.
    package func isHandedOut(in run: UInt32) -> Bool {
        (0..<shares).allSatisfy { share in
            guard let count = Self.count(next[share].load(ordering: .acquiring), in: run) else { return true }
            return count >= start(ofShare: share + 1)
        }
    }

    /// Records that one of the parts taken is done.
    package func finishPart() {
        done.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    /// Whether every part is done, or the run is over.
    package func isComplete(in run: UInt32) -> Bool {
        guard let count = Self.count(done.load(ordering: .acquiring), in: run) else { return true }
        return count >= parts
    }
}
