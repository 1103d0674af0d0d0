import Dispatch
import HTTPServer
import JobStore
import Synchronization

/// What is known of stored jobs between the notes in their store, for those who watch their events.
package final class JobBoard: Sendable {
    /// A job as its watchers see it.
    package struct Entry: Sendable {
        package var state = JobState.waiting
        /// How many jobs are before it; nil if it does not wait.
        var position: Int?
        /// How much of the work is done, 0...1.
        var progress = 0.0
        var started: ContinuousClock.Instant?
        /// A small JPEG of the picture as it is now.
        var preview: [UInt8]?
        /// Counts the previews.
        var previewNumber = 0
        /// Counts the changes.
        var version = 0
        /// The record of a job that has ended.
        package var final: JobRecord?

        /// How long the job will probably take from now, in seconds; nil if that is not known.
        var secondsLeft: Double? {
            guard let started, progress > 0.02, progress < 1 else { return nil }
            let elapsed = started.duration(to: .now) / .seconds(1)
            return elapsed * (1 - progress) / progress
        }
    }

    private struct Place {
        var entry: Entry
        var watchers: [ObjectIdentifier: ResponseStream] = [:]
        var lastPreview: ContinuousClock.Instant?
        /// Whether a worker has the job, so that the entry must stay.
        var isActive = false
    }

    /// The shortest time between two previews.
    private static let previewInterval = Duration.milliseconds(500)

    package init() {}

    private let places = Mutex<[String: Place]>([:])
    /// What is set aside for jobs until they have ended.
    private let reservations = Mutex<[String: any AnyObject & Sendable]>([:])

    /// Keeps what is set aside for a job until the job has ended.
    func keep(_ reservation: any AnyObject & Sendable, for id: String) {
        reservations.withLock { $0[id] = reservation }
    }

    /// Frees what is set aside for a job.
    func release(_ id: String) {
        // Outside of the lock, as freeing may call others.
        _ = reservations.withLock { $0.removeValue(forKey: id) }
    }

    /// Notes that a worker has the job.
    package func begin(_ id: String) {
        change(id) { place in
            place.isActive = true
            place.entry.state = .running
            place.entry.position = nil
        }
    }

    /// Notes a step.
    func step(_ id: String, progress: Double) {
        change(id) { place in
            place.entry.progress = progress
            place.entry.started = place.entry.started ?? .now
        }
    }

    /// Whether somebody watches the job and has not seen a preview for a while.
    func wantsPreview(_ id: String) -> Bool {
        places.withLock { places in
            guard let place = places[id], !place.watchers.isEmpty else { return false }
            return place.lastPreview.map { $0.duration(to: .now) >= Self.previewInterval } ?? true
        }
    }

    func show(_ id: String, preview: [UInt8]) {
        change(id) { place in
            place.entry.preview = preview
            place.entry.previewNumber += 1
            place.lastPreview = .now
        }
    }

    /// Notes that a job waits again, because the service stops or lacks memory or room on the disk.
    func pause(_ id: String) {
        change(id) { place in
            place.isActive = false
            place.entry = Entry(version: place.entry.version)
        }
        forgetIfUnused(id)
    }

    /// Notes that this process does not have a job any more.
    func forget(_ id: String) {
        places.withLock { $0[id]?.isActive = false }
        release(id)
        forgetIfUnused(id)
    }

    /// Notes the end of a job.
    package func end(_ record: JobRecord) {
        change(record.id) { place in
            place.isActive = false
            place.entry.state = record.state
            place.entry.progress = record.progress
            place.entry.final = record
        }
        release(record.id)
        forgetIfUnused(record.id)
    }

    /// What is known of a job; nil if nobody has it or watches it.
    package func entry(_ id: String) -> Entry? {
        places.withLock { $0[id]?.entry }
    }

    /// The progress of each job that workers have.
    var activeProgress: [(id: String, progress: Double)] {
        places.withLock { places in places.filter(\.value.isActive).map { ($0.key, $0.value.entry.progress) } }
    }

    /// The jobs that are watched, have not ended, and that no worker has: only the store knows what becomes of them.
    package var watchedElsewhere: [String] {
        places.withLock { places in
            places.filter { !$0.value.isActive && !$0.value.watchers.isEmpty && $0.value.entry.final == nil }.map(\.key)
        }
    }

    /// Notes what the store knows of a job that no worker has.
    ///
    /// It may have ended just before somebody began to watch it.
    package func update(_ record: JobRecord) {
        guard !record.state.isFinal else { return end(record) }
        guard let entry = entry(record.id), (entry.state, entry.position) != (record.state, record.position) else {
            return
        }
        change(record.id) { place in
            guard !place.isActive else { return }
            (place.entry.state, place.entry.position) = (record.state, record.position)
        }
    }

    /// Wakes a stream at each change of a job, from now on.
    package func watch(_ record: JobRecord, with stream: ResponseStream) {
        places.withLock { places in
            var place = places[record.id] ?? Place(entry: Entry(state: record.state, position: record.position))
            if record.state.isFinal { place.entry.final = record }
            place.watchers[ObjectIdentifier(stream)] = stream
            places[record.id] = place
        }
    }

    func unwatch(_ id: String, _ stream: ObjectIdentifier) {
        places.withLock { places in _ = places[id]?.watchers.removeValue(forKey: stream) }
        forgetIfUnused(id)
    }

    private func forgetIfUnused(_ id: String) {
        places.withLock { places in
            guard let place = places[id], place.watchers.isEmpty, !place.isActive else { return }
            places[id] = nil
        }
    }

    private func change(_ id: String, _ body: (inout Place) -> Void) {
        let watchers = places.withLock { places in
            var place = places[id] ?? Place(entry: Entry())
            body(&place)
            place.entry.version += 1
            places[id] = place
            return place.watchers.values.map { $0 }
        }
        for watcher in watchers { watcher.wake() }
    }
}
