import DreamService
import Foundation
import HTTPServer
import JobStore
import TestSupport
import Testing

/// What is known of jobs between the notes in their store.
@Suite struct JobBoardTests {
    @Test("who begins to watch just when a job ends learns of its end from the store")
    func endWhileBeginningToWatch() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try SQLiteJobStore(directory: directory, limits: .init(bytes: 1000, lifetime: .seconds(60)))
            let board = JobBoard()
            let id = try await store.submit(JobEnvelope(recipe: "", request: "r"), files: [:]).id
            _ = try await store.claim(worker: "w", lease: .seconds(60))
            board.begin(id)
            let seen = try #require(try await store.record(id))
            #expect(seen.state == .running)

            let ended = try #require(try await store.finish(id, worker: "w", result: [1], recipe: ""))
            board.end(ended)
            let stream = ResponseStream(next: { .nothingYet }, onEnd: {})
            board.watch(seen, with: stream)
            #expect(board.entry(id)?.final == nil, "what was seen is out of date")
            #expect(board.watchedElsewhere == [id])
            board.update(try #require(try await store.record(id)))
            #expect(board.entry(id)?.final == ended)
            #expect(board.watchedElsewhere == [])
        }
    }

    @Test("a job that a worker has is not asked for in the store")
    func active() async throws {
        try await TestFiles.withDirectory { directory in
            let store = try SQLiteJobStore(directory: directory, limits: .init(bytes: 1000, lifetime: .seconds(60)))
            let board = JobBoard()
            let waiting = try await store.submit(JobEnvelope(recipe: "", request: "r"), files: [:])
            board.watch(waiting, with: ResponseStream(next: { .nothingYet }, onEnd: {}))
            #expect(board.watchedElsewhere == [waiting.id])
            board.begin(waiting.id)
            #expect(board.watchedElsewhere == [])
            board.update(waiting)
            #expect(board.entry(waiting.id)?.state == .running)
        }
    }
}
