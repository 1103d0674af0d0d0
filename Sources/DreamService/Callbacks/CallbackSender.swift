import Dispatch
import Foundation
import JobStore
import Logging
import Synchronization

/// Tells the addresses that jobs name in `callback` that the jobs have ended, as Standard Webhooks describes it.
///
/// Whether a callback has arrived is in the store. So none is lost if the process ends, but one can come twice: then
/// both have the same `webhook-id`.
final class CallbackSender: Sendable {
    /// How often the store is asked for callbacks that are due.
    private static let tick = Duration.seconds(1)
    /// How many are sent at once, so that a slow receiver does not hold up the others.
    private static let mostAtOnce = 8

    private let store: any JobStore
    private let configuration: LiveConfiguration
    private let logger: Logger
    private let requests = CallbackRequests()
    private let count = Mutex(0)
    private let task = Mutex<Task<Void, Never>?>(nil)
    /// Entered for everything that uses the store.
    private let unfinished = DispatchGroup()

    init(store: any JobStore, configuration: LiveConfiguration, logger: Logger) {
        self.store = store
        self.configuration = configuration
        self.logger = logger
    }

    func start() {
        unfinished.enter()
        let sending = Task {
            defer { unfinished.leave() }
            while !Task.isCancelled {
                if !configuration.current.callbackHosts.isEmpty { await sendDue() }
                try? await Task.sleep(for: Self.tick)
            }
        }
        task.withLock { $0 = sending }
    }

    /// Sends no more, and returns when the store is not used any more. What is under way counts as not arrived, and is
    /// sent again after the next start.
    func stop() {
        task.withLock { $0 }?.cancel()
        requests.cancel()
        unfinished.wait()
    }

    private func sendDue() async {
        do {
            while count.withLock({ $0 < Self.mostAtOnce }), let record = try await store.claimCallback() {
                count.withLock { $0 += 1 }
                unfinished.enter()
                Task {
                    await send(record)
                    count.withLock { $0 -= 1 }
                    unfinished.leave()
                }
            }
        } catch {
            logger.error("job store", metadata: ["reason": "\(error)"])
        }
    }

    private func send(_ record: JobRecord) async {
        var metadata: Logger.Metadata = ["job": "\(record.id)"]
        do {
            guard let secret = WebhookSecret(text: configuration.current.callbackSecret),
                let address = try? CallbackHosts(configuration.current).check(record.envelope.callback ?? "")
            else {
                logger.warning("callback no longer allowed", metadata: metadata)
                return try await store.endCallback(record.id)
            }
            metadata["host"] = "\(address.host(percentEncoded: true) ?? "")"
            do {
                try await requests.send(Self.request(record, to: address, secret))
                logger.info("callback arrived", metadata: metadata)
            } catch {
                metadata["reason"] = "\(error)"
                return logger.warning("callback not arrived", metadata: metadata)
            }
            try await store.endCallback(record.id)
        } catch {
            logger.error("job store", metadata: ["job": "\(record.id)", "reason": "\(error)"])
        }
    }

    private static func request(_ record: JobRecord, to address: URL, _ secret: WebhookSecret) -> CallbackRequest {
        let body = JSON.bytes(of: CallbackDocument(record))
        let time = Int(Date().timeIntervalSince1970)
        return CallbackRequest(
            address: address,
            headers: [
                "Content-Type": "application/json", "User-Agent": "deepdream-server/\(Version.current)",
                "webhook-id": record.id, "webhook-timestamp": String(time),
                "webhook-signature": secret.signature(id: record.id, time: time, body: body),
            ], body: body)
    }
}

/// What a callback says.
private struct CallbackDocument: Encodable {
    /// `job.done`, `job.failed` or `job.cancelled`.
    let type: String
    /// When the job ended.
    let timestamp: String?
    let data: JobDocument

    init(_ record: JobRecord) {
        type = "job.\(record.state.rawValue)"
        data = JobDocument(record, entry: nil)
        timestamp = data.finished
    }
}
