import Synchronization

/// Keeps the dreams that were made or asked for last, so that a repeated request costs nothing. Its size is bounded.
package final class ResultCache: Sendable {
    private struct Entry {
        let result: JobResult
        var lastUse: UInt64
    }

    private struct State {
        var capacity: Int
        var usedBytes = 0
        /// Counts the uses of entries, so that the largest `lastUse` is the latest.
        var uses: UInt64 = 0
        var entries: [DreamIdentity: Entry] = [:]
    }

    private let state: Mutex<State>

    /// What an entry takes besides its picture, roughly: the recipe, the identity, the dictionary's slot.
    private static let entryBytes = 2048

    /// - Parameter capacity: how many bytes the dreams can take; 0 for none at all.
    package init(capacity: Int) {
        state = Mutex(State(capacity: capacity))
    }

    /// The bytes that are taken now.
    package var usedBytes: Int { state.withLock { $0.usedBytes } }

    /// Changes how many bytes the dreams can take. Those that find no place any more are dropped.
    package func setCapacity(_ bytes: Int) {
        state.withLock { state in
            state.capacity = bytes
            Self.makeRoom(in: &state)
        }
    }

    /// Drops all dreams.
    package func removeAll() {
        state.withLock { state in
            state.entries = [:]
            state.usedBytes = 0
        }
    }

    /// The dream of this identity, if it is kept.
    package func result(for identity: DreamIdentity) -> JobResult? {
        state.withLock { state in
            guard let index = state.entries.index(forKey: identity) else { return nil }
            state.uses += 1
            state.entries.values[index].lastUse = state.uses
            return state.entries.values[index].result
        }
    }

    /// Keeps a dream, and drops those that were not asked for the longest to make room. A dream larger than the
    /// capacity is not kept.
    package func keep(_ result: JobResult, for identity: DreamIdentity) {
        state.withLock { state in
            let bytes = Self.bytes(of: result)
            guard bytes <= state.capacity else { return }
            state.uses += 1
            // What is kept counts as a cache.
            var result = result
            result.memory = nil
            if let old = state.entries.updateValue(Entry(result: result, lastUse: state.uses), forKey: identity) {
                state.usedBytes -= Self.bytes(of: old.result)
            }
            state.usedBytes += bytes
            Self.makeRoom(in: &state)
        }
    }

    private static func bytes(of result: JobResult) -> Int { result.bytes.count + entryBytes }

    private static func makeRoom(in state: inout State) {
        guard state.usedBytes > state.capacity else { return }
        for (identity, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            state.entries[identity] = nil
            state.usedBytes -= bytes(of: entry.result)
            if state.usedBytes <= state.capacity { return }
        }
    }
}
