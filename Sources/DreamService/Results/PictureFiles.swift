import Foundation
import Synchronization

/// Pictures on the disk, found by a name, that can be made anew. Those that were not asked for the longest are deleted
/// when there are too many bytes. What cannot be written is not kept.
///
/// Reading and writing wait for the disk, so nothing here is called on the HTTP thread.
package final class PictureFiles: Sendable {
    private struct State {
        var capacity: Int
        /// The files by their names, and when each was last used, as a count.
        var files: [String: (bytes: Int, lastUse: Int)] = [:]
        var uses = 0
    }

    private let directory: URL
    /// Held while files change, too, so that none is deleted while it is read.
    private let state: Mutex<State>

    /// Finds the pictures that an earlier process has left in the directory, which is made when it is needed.
    ///
    /// - Parameter capacity: how many bytes the pictures can take; 0 for none at all.
    package init(directory: URL, capacity: Int) {
        self.directory = directory
        var state = State(capacity: capacity)
        let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
        let found = try? FileManager.default.contentsOfDirectory(
            at: directory, includingPropertiesForKeys: Array(keys))
        let files = (found ?? []).map { file in (file, try? file.resourceValues(forKeys: keys)) }
        func date(_ values: URLResourceValues?) -> Date { values?.contentModificationDate ?? .distantPast }
        for (file, values) in files.sorted(by: { date($0.1) < date($1.1) }) {
            state.uses += 1
            state.files[file.lastPathComponent] = (values?.fileSize ?? 0, state.uses)
        }
        self.state = Mutex(state)
        self.state.withLock { makeRoom(in: &$0) }
    }

    /// The bytes that are taken now.
    package var usedBytes: Int { state.withLock { Self.usedBytes(in: $0) } }

    /// Changes how many bytes the pictures can take.
    package func setCapacity(_ bytes: Int) {
        state.withLock { state in
            state.capacity = bytes
            makeRoom(in: &state)
        }
    }

    /// The picture of a name, if it is kept.
    package func picture(named name: String) -> [UInt8]? {
        state.withLock { state in
            guard let file = state.files[name] else { return nil }
            guard let data = try? Data(contentsOf: directory.appending(path: name)) else {
                state.files[name] = nil
                return nil
            }
            state.uses += 1
            state.files[name] = (file.bytes, state.uses)
            return [UInt8](data)
        }
    }

    /// Keeps a picture.
    ///
    /// - Parameter name: letters and digits.
    package func keep(_ picture: [UInt8], named name: String) {
        state.withLock { state in
            guard picture.count <= state.capacity else { return }
            do {
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
                try Data(picture).write(to: directory.appending(path: name), options: .atomic)
            } catch {
                return
            }
            state.uses += 1
            state.files[name] = (picture.count, state.uses)
            makeRoom(in: &state)
        }
    }

    private static func usedBytes(in state: State) -> Int { state.files.values.reduce(0) { $0 + $1.bytes } }

    private func makeRoom(in state: inout State) {
        var used = Self.usedBytes(in: state)
        guard used > state.capacity else { return }
        for (name, file) in state.files.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            try? FileManager.default.removeItem(at: directory.appending(path: name))
            state.files[name] = nil
            used -= file.bytes
            if used <= state.capacity { return }
        }
    }
}
