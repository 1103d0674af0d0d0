import Foundation
import Glibc
import TestSupport
import Testing

/// What the service does when the system has no more memory, descriptors or disk: a request fails, and not the process.
@Suite(.ownThread, .serialized, .timeLimit(.minutes(15))) struct ScarcityTests {
    /// Calls `body` with the path of a photo, and with that of the same one with so many bytes after its end, which
    /// nobody reads, that an upload of it is almost 20 MB.
    private func withPhotos(_ body: (_ photo: String, _ large: String) async throws -> Void) async throws {
        try await TestFiles.withDirectory { directory in
            let photo = try TestFiles.photo(width: 640, height: 480)
            let (file, large) = (directory.appending(path: "photo.jpg"), directory.appending(path: "large.jpg"))
            try Data(photo).write(to: file)
            try Data(photo + [UInt8](repeating: 0xA5, count: 19_500_000 - photo.count)).write(to: large)
            try await body(file.path, large.path)
        }
    }

    /// Sends requests all at once.
    ///
    /// - Returns: their status codes; 0 without an answer.
    private func statuses(of requests: [[String]]) async throws -> [Int] {
        let clients = try requests.map { request in
            try Subprocess(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "600"] + request)
        }
        var statuses: [Int] = []
        for client in clients { statuses.append(Int(await client.wait().text) ?? 0) }
        return statuses
    }

    /// Expects that a small dream is made as ever, and that the service ends when it is told to.
    private func expectHealth(_ service: ServeProcess, _ photo: String) async throws {
        let dream = try await statuses(of: [
            ["-H", "Cache-Control: no-cache", "-F", "image=@\(photo)", "\(service.url)/deepdream?size=max:64&steps=1"]
        ])
        #expect(dream == [200])
        service.process.send(SIGTERM)
        let end = await service.process.wait()
        #expect(end.status == 0 && !end.wasKilled, "\(end.errors.suffix(2000))")
    }

    @Test("ten uploads of 19.5 MB in 850 MB of addresses are dreamt or refused, and the service lives")
    func uploads() async throws {
        try await withPhotos { photo, large in
            let service = try await ServeProcess.start([], limits: "ulimit -v 850000")
            let request = ["-F", "image=@\(large)", "\(service.url)/deepdream?size=max:64&steps=1"]
            let body = [
                "-H", "Content-Type: image/jpeg", "--data-binary", "@\(large)", "\(service.url)/deepdream?steps=1",
            ]
            let all = try await statuses(of: Array(repeating: request, count: 7) + Array(repeating: body, count: 3))
            #expect(all.allSatisfy { [200, 503].contains($0) } && all.contains(200), "\(all)")
            try await expectHealth(service, photo)
        }
    }

    @Test("large dreams in 900 MB of addresses are made or refused, and the service lives")
    func dreams() async throws {
        try await withPhotos { photo, _ in
            let service = try await ServeProcess.start([], limits: "ulimit -v 900000")
            let recipes = [
                "size=1672x1254&steps=1&octaves=1", "size=1672x1254&steps=1&octaves=1&tile=256",
                "size=1024x1024&steps=1&octaves=1&detail=restore", "size=max:512&steps=2",
                "size=1672x1254&steps=1&octaves=1&bands=0&parametrization=fourier",
            ]
            let all = try await statuses(
                of: (recipes + recipes).map { ["-F", "image=@\(photo)", "\(service.url)/deepdream?\($0)"] })
            #expect(all.allSatisfy { [200, 422, 503].contains($0) } && all.contains(200), "\(all)")
            try await expectHealth(service, photo)
        }
    }

    @Test("a dream that could never have its memory is refused with what it needs, and the largest size that fits")
    func tooLarge() async throws {
        try await withPhotos { photo, _ in
            let service = try await ServeProcess.start(["--memory-bytes", "400000000"])
            let refused = try await Subprocess.run(
                ["curl", "-sS", "-F", "image=@\(photo)", "\(service.url)/deepdream?size=1672x1254&tile=off&steps=1"])
            #expect(
                refused.text.contains("\"status\":422") && refused.text.contains("too-expensive"), "\(refused.text)")
            let side = try #require(refused.text.firstMatch(of: /at most max:(\d+)/)).1
            let fitting = try await statuses(of: [
                ["-F", "image=@\(photo)", "\(service.url)/deepdream?size=max:\(side)&tile=off&steps=1&octaves=1"]
            ])
            #expect(fitting == [200])
            try await expectHealth(service, photo)
        }
    }

    @Test("with 64 descriptors, a hundred connections keep out no one for long, and the service lives")
    func descriptors() async throws {
        try await withPhotos { photo, _ in
            let service = try await ServeProcess.start([], limits: "ulimit -n 64")
            let port = try #require(UInt16(service.url.split(separator: ":").last ?? ""))
            let sockets = (0..<100).map { _ in Self.connect(to: port) }
            let during = try Subprocess([
                "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20", "-F", "image=@\(photo)",
                "\(service.url)/deepdream?size=max:64&steps=1",
            ])
            #expect(await during.wait().text == "200", "those that say nothing give way")
            for socket in sockets where socket >= 0 { close(socket) }
            try await expectHealth(service, photo)
        }
    }

    private static func connect(to port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    @Test("where files cannot grow any more, a job is refused, and the service lives")
    func disk() async throws {
        try await withPhotos { photo, large in
            try await TestFiles.withDirectory { directory in
                // In units of 1024 bytes: enough for the database, but not for the upload.
                let service = try await ServeProcess.start(
                    ["--data-directory", directory.path], limits: "ulimit -f 4000")
                let refused = try await statuses(of: [["-F", "image=@\(large)", "\(service.url)/jobs?steps=1"]])
                #expect(refused == [503])
                let accepted = try await statuses(of: [
                    ["-F", "image=@\(photo)", "\(service.url)/jobs?size=max:64&steps=1"]
                ])
                #expect(accepted == [202])
                try await expectHealth(service, photo)
            }
        }
    }

    @Test("where the database cannot grow any more, jobs are refused, and the service lives")
    func database() async throws {
        try await withPhotos { photo, _ in
            try await TestFiles.withDirectory { directory in
                // Enough for the tables and some jobs, each of which takes about 20 KB of the write-ahead log.
                let service = try await ServeProcess.start(
                    ["--data-directory", directory.path], limits: "ulimit -f 400")
                let job = ["-X", "POST", "\(service.url)/jobs?from=noise&size=64x64&steps=1&octaves=1"]
                let all = try await statuses(of: Array(repeating: job, count: 30))
                #expect(all.allSatisfy { [202, 503].contains($0) } && all.contains(503), "\(all)")
                try await expectHealth(service, photo)
            }
        }
    }

    @Test("a job whose result does not fit on the disk is not lost when the service stops")
    func result() async throws {
        try await TestFiles.withDirectory { directory in
            let flags = ["--data-directory", directory.path]
            // Noise of this size takes about 800 KB as PNG.
            let small = try await ServeProcess.start(flags, limits: "ulimit -f 400")
            let recipe = "from=noise&size=600x600&steps=1&octaves=1&format=png"
            let submitted = try await Subprocess.run(["curl", "-sS", "-X", "POST", "\(small.url)/jobs?\(recipe)"])
            let id = try #require(submitted.text.firstMatch(of: /"id":"([0-9a-f]{32})"/), "\(submitted.text)").1
            let line = try await small.process.errorLines.first { $0.contains("no room on the disk yet") }
            #expect(line != nil)
            small.process.send(SIGTERM)
            let end = await small.process.wait()
            #expect(end.status == 0 && !end.wasKilled, "\(end.errors.suffix(2000))")

            let service = try await ServeProcess.start(flags)
            var status = 409
            while status == 409 {
                try await Task.sleep(for: .milliseconds(100))
                status = try await statuses(of: [["\(service.url)/jobs/\(id)/result"]])[0]
            }
            #expect(status == 200)
        }
    }
}
