import Foundation
import ModelLibrary
import Synchronization
import TestSupport
import Testing
import VisionNet

@Suite("Fetching published weights", .ownThread, .timeLimit(.minutes(5)))
struct ModelFetcherTests {
    let directory: TemporaryDirectory
    let content: [UInt8]
    let fetcher: ModelFetcher

    init() throws {
        directory = try TemporaryDirectory()
        content = try Fixtures.bytes("official_layout.h5")
        fetcher = ModelFetcher(
            directory: directory.path("new/models"), curl: "curl", protocols: "http", width: Fixtures.width)
    }

    private func published(at url: String, md5: String? = nil) throws -> PublishedModel {
        var digest = Digest(.md5)
        content.withUnsafeBytes { digest.update($0) }
        return PublishedModel(name: "narrow", url: url, md5: md5 ?? digest.hexadecimal(), licence: "free")
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fetcher.directory).sorted()
    }

    @Test("downloads, checks and imports, and leaves only the model in its directory")
    func whole() throws {
        let server = try FileServer(content, .whole)
        let model = try published(at: server.url)
        let (path, summary) = try server.serving { try fetcher.fetch(model) }
        #expect(path == "\(fetcher.directory)/narrow.safetensors")
        #expect(summary.name == "narrow" && summary.source == server.url && summary.licence == "free")
        #expect(try names() == ["narrow.safetensors"])
        #expect(try VisionModel(contentsOf: path).width == Fixtures.width)
    }

    @Test("continues where a broken connection stopped")
    func resumption() throws {
        let server = try FileServer(content, .cutAfter(100_000), .cutAfter(50_000), .whole)
        let model = try published(at: server.url)
        try server.serving {
            for _ in 1...2 {
                #expect(
                    throws: ModelFetchError.transfer(
                        url: server.url, reason: "the connection broke off", model: "narrow")
                ) { try fetcher.fetch(model) }
                #expect(try names() == ["narrow.partial"])
            }
            try fetcher.fetch(model)
        }
        #expect(server.starts == [0, 100_000, 150_000])
        #expect(try names() == ["narrow.safetensors"])
    }

    @Test("starts again if the server cannot continue in the middle")
    func noRanges() throws {
        let server = try FileServer(content, .cutAfter(100_000), .withoutRanges)
        let model = try published(at: server.url)
        try server.serving {
            #expect(throws: ModelFetchError.self) { try fetcher.fetch(model) }
            try fetcher.fetch(model)
        }
        #expect(server.starts == [0, 100_000, 0])
        #expect(try names() == ["narrow.safetensors"])
    }

    @Test("keeps what has arrived while the server answers with passing errors")
    func passingErrors() throws {
        let server = try FileServer(content, .cutAfter(100_000), .unavailable, .unavailable, .whole)
        let model = try published(at: server.url)
        try server.serving {
            #expect(throws: ModelFetchError.self) { try fetcher.fetch(model) }
            for _ in 1...2 {
                #expect(
                    throws: ModelFetchError.transfer(
                        url: server.url, reason: "the server answered with the HTTP status 503", model: "narrow")
                ) { try fetcher.fetch(model) }
                #expect(try names() == ["narrow.partial"])
            }
            try fetcher.fetch(model)
        }
        #expect(server.starts == [0, 100_000, 100_000, 100_000])
        #expect(try names() == ["narrow.safetensors"])
    }

    @Test("starts again where more has arrived than the file has")
    func tooLong() throws {
        try FileManager.default.createDirectory(atPath: fetcher.directory, withIntermediateDirectories: true)
        try Data(content + [0]).write(to: URL(filePath: "\(fetcher.directory)/narrow.partial"))
        let server = try FileServer(content, .whole)
        let model = try published(at: server.url)
        try server.serving { try fetcher.fetch(model) }
        #expect(server.starts == [content.count + 1, 0])
        #expect(try names() == ["narrow.safetensors"])
    }

    @Test("of one model, several at once do not disturb each other")
    func concurrency() throws {
        let server = try FileServer(content, .whole)
        let model = try published(at: server.url)
        let errors = Mutex<[any Error]>([])
        let fetched = Mutex(0)
        server.serving {
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                while true {
                    do {
                        try fetcher.fetch(model)
                        fetched.withLock { $0 += 1 }
                        return
                    } catch ModelFetchError.busy {
                        usleep(100)
                    } catch {
                        errors.withLock { $0.append(error) }
                        return
                    }
                }
            }
        }
        #expect(errors.withLock { $0.map { "\($0)" } } == [])
        #expect(fetched.withLock { $0 } == 4)
        // Each downloaded the whole file, with nobody else writing into it.
        #expect(server.starts == [0, 0, 0, 0])
        #expect(try names() == ["narrow.safetensors"])
    }

    @Test("deletes a file that has another MD5, and names both")
    func wrongDigest() throws {
        let expected = String(repeating: "0", count: 32)
        let server = try FileServer(content, .whole)
        let model = try published(at: server.url, md5: expected)
        let found = try published(at: server.url).digest
        server.serving {
            #expect(
                throws: ModelFetchError.wrongDigest(
                    url: server.url, found: found, expected: expected, model: "narrow")
            ) { try fetcher.fetch(model) }
        }
        #expect(try names() == [])
    }

    @Test("checks as many digits of the digest as the publisher tells")
    func partialDigest() throws {
        let whole = Digest.hexadecimal(.sha256, ofFile: Fixtures.path("official_layout.h5")) ?? ""
        for (digits, isRight) in [(String(whole.prefix(8)), true), ("0" + whole.prefix(8), false)] {
            let server = try FileServer(content, .whole)
            let model = PublishedModel(name: "narrow", url: server.url, sha256: digits, licence: "free")
            server.serving {
                if isRight {
                    #expect(throws: Never.self) { try fetcher.fetch(model) }
                } else {
                    #expect(
                        throws: ModelFetchError.wrongDigest(
                            url: server.url, found: whole, expected: digits, model: "narrow")
                    ) { try fetcher.fetch(model) }
                }
            }
            #expect(try names() == ["narrow.safetensors"])
        }
    }

    @Test("knows weights for every network, each of torchvision's with the digits in its file's name")
    func published() throws {
        #expect(Set(PublishedModel.all.map(\.name)) == Set(Network.all.map(\.name)))
        for model in PublishedModel.all where model.url.contains("download.pytorch.org") {
            #expect(model.digest.count == 8 && model.url.hasSuffix("-\(model.digest).pth"))
        }
    }

    @Test("says what to do if the server does not have the file")
    func notFound() throws {
        let server = try FileServer(content, .notFound)
        let model = try published(at: server.url)
        let error = try #require(
            throws: ModelFetchError.self, performing: { try server.serving { try fetcher.fetch(model) } })
        #expect(
            error
                == .transfer(url: server.url, reason: "the server answered with the HTTP status 404", model: "narrow"))
        #expect(error.description.hasSuffix("its name is then narrow:\n  deepdream model import weights.h5"))
        #expect(error.description.contains(server.url))
        #expect(try names() == [])
    }

    @Test("says that the host cannot be reached")
    func unreachable() throws {
        // This server has stopped, so nothing listens at its port any more.
        let server = try FileServer(content, .whole)
        server.serving {}
        let model = try published(at: server.url)
        #expect(
            throws: ModelFetchError.transfer(
                url: server.url, reason: "the host cannot be reached", model: "narrow")
        ) { try fetcher.fetch(model) }
        #expect(try names() == [])
    }

    @Test("uses no protocol that is not allowed")
    func protocols() throws {
        let model = try published(at: "file://\(Fixtures.path("official_layout.h5"))")
        #expect(
            throws: ModelFetchError.transfer(
                url: model.url, reason: "the address has a protocol that is not allowed", model: "narrow")
        ) { try fetcher.fetch(model) }
    }

    @Test("says that curl is missing")
    func noCurl() throws {
        let model = try published(at: "http://127.0.0.1/")
        let fetcher = ModelFetcher(
            directory: directory.path, curl: directory.path("curl"), protocols: "http", width: .full)
        #expect(
            throws: ModelFetchError.transfer(
                url: model.url, reason: "the program 'curl' is not installed", model: "narrow")
        ) { try fetcher.fetch(model) }
        #expect(try directory.names() == [])
    }

    @Test("does not download a complete file again")
    func complete() throws {
        let directory = try TemporaryDirectory()
        try directory.write("narrow.partial", content)
        let model = try published(at: "http://127.0.0.1/")
        let fetcher = ModelFetcher(
            directory: directory.path, curl: directory.path("curl"), protocols: "http", width: Fixtures.width)
        try fetcher.fetch(model)
        #expect(try directory.names() == ["narrow.safetensors"])
    }

    @Test("says that the directory cannot be created")
    func noDirectory() throws {
        let file = try directory.write("file", [])
        let fetcher = ModelFetcher(directory: "\(file)/models", curl: "curl", protocols: "http", width: .full)
        #expect(throws: ModelFetchError.directoryNotWritable("\(file)/models", reason: "Not a directory")) {
            try fetcher.fetch(published(at: "http://127.0.0.1/"))
        }
    }

    @Test("has the same URL and MD5 for InceptionV3 as the Keras source")
    func inceptionV3() {
        let model = PublishedModel.inceptionV3
        #expect(model.digest == "bcbd6486424b2319ff4ef7d526e38f63")
        #expect(model.url.hasPrefix("https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/"))
        #expect(model.url.hasSuffix("/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"))
    }
}
