import DeepDream
import DreamService
import Foundation
import Imaging
import Synchronization
import TestSupport
import Testing
import VisionNet

/// `POST /deepdream`, over real sockets.
@Suite(.ownThread) struct DreamEndpointTests {
    @Test("a photo becomes a dream, a JPEG file with its recipe")
    func dream() async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-", "-F", "steps=1", "-H", "X-Request-ID: mine", "/deepdream?octaves=1",
                input: TestFiles.photo(width: 120, height: 90))
            #expect(answer.status == 200)
            #expect(answer.headers["Content-Type"] == "image/jpeg")
            #expect(answer.headers["Content-Disposition"] == "inline; filename=\"dream.jpg\"")
            #expect(answer.headers["Cache-Control"] == "private, no-cache")
            #expect(answer.headers["X-Request-ID"] == "mine")
            let recipe = answer.headers["DeepDream-Recipe"] ?? ""
            #expect(recipe.contains("steps=1&") && recipe.contains("octaves=1&") && recipe.contains("size=120x90&"))
            let timing = try #require(answer.headers["Server-Timing"])
            #expect(
                timing.split(separator: ",").map { $0.split(separator: ";")[0].drop { $0 == " " } }
                    == ["queue", "decode", "dream", "encode"])
            let picture = try ImageDecoder().decode(answer.body)
            #expect(picture.width == 120 && picture.height == 90)
            #expect(answer.body.firstRange(of: Array(recipe.utf8)) != nil, "the recipe is in the JPEG's comment")
            let line = try #require(try await service.log.first { $0.contains("dreamt") })
            for key in ["request=mine", "queue_ms=", "computing_ms=", "recipe=\(recipe)"] {
                #expect(line.contains(key), "\(line)")
            }
        }
    }

    @Test(
        "a request with the recipe of an earlier answer gives the same bytes",
        arguments: [
            "/deepdream?steps=2&octaves=2&seed=7", "/deepdream?size=max:90&steps=1&layers=mixed4:0.5,mixed6:1.5",
            "/deepdream?preset=classic&steps=1&format=png", "/deepdream?size=original&bands=0,2&jitter=3&steps=1",
            "/deepdream?steps=1&size=max:90&layers=mixed5%5B17%5D,mixed4%5B3%5D:2",
        ])
    func repetition(query: String) async throws {
        try await TestService.run { service in
            let photo = try TestFiles.photo()
            let first = try await service.curl("-F", "image=@-", query, input: photo)
            #expect(first.status == 200, "\(first.text)")
            let recipe = try #require(first.headers["DeepDream-Recipe"])
            let second = try await service.curl("-F", "image=@-", "/deepdream?" + recipe, input: photo)
            #expect(second.headers["DeepDream-Recipe"] == recipe)
            #expect(second.body == first.body)
        }
    }

    @Test("a preset whose network is not there says how to get it")
    func missingNetwork() async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-", "/deepdream?preset=google", input: TestFiles.photo())
            #expect(answer.status == 400)
            for part in ["classic", "tutorial", "keras", "deepdream model fetch googlenet"] {
                #expect(answer.text.contains(part), "\(answer.text)")
            }
        }
    }

    private static let recipe = "steps=1&octaves=1&layers=mixed2,mixed3:2&size=max:90"

    @Test("a photo can come as the body itself, in base64 and as a data URL, and gives the same dream each way")
    func bodies() async throws {
        try await TestService.run { service in
            let photo = try TestFiles.photo()
            let query = "/deepdream?" + Self.recipe
            let expected = try await service.curl("-F", "image=@-", query, input: photo)
            #expect(expected.status == 200, "\(expected.text)")
            for type in ["image/jpeg", "application/octet-stream", "Image/JPEG; x=y"] {
                let answer = try await service.curl(
                    "--data-binary", "@-", "-H", "Content-Type: \(type)", query, input: photo)
                #expect(answer.body == expected.body, "\(type): \(answer.status)")
            }
            let base64 = Data(photo).base64EncodedString()
            let lines = Data(photo).base64EncodedString(options: .lineLength76Characters)
            let url = "data:image/jpeg;base64,\(base64)"
            let recipe =
                #"""
                {"steps": 1, "octaves": "1", "layers": ["mixed2", "mixed3:2"], "size": "max:90", "seed": null, \#
                "preserve_color": false}
                """#
            for image in [base64, url, lines.replacing("\r\n", with: "\\n")] {
                let answer = try await service.curl(
                    "--data-binary", "@-", "-H", "Content-Type: application/json", "/deepdream",
                    input: Array("{\"recipe\": \(recipe), \"image\": \"\(image)\"}".utf8))
                #expect(answer.body == expected.body, "\(answer.status)")
            }
            let field = try await service.curl("-F", "image=<-", query, input: Array(url.utf8))
            #expect(field.body == expected.body, "\(field.status)")
        }
    }

    @Test("blank fields, empty file inputs and the hidden fields of web frameworks change nothing")
    func blankFields() async throws {
        try await TestService.run { service in
            let photo = try TestFiles.photo()
            let query = "/deepdream?" + Self.recipe
            let expected = try await service.curl("-F", "image=@-", query, input: photo)
            let answer = try await service.curl(
                "-F", "image=@-", "-F", "seed=", "-F", "bands=  ", "-F", "image=;filename=", "-F", "other=;filename=",
                "-F", "_csrf=1", "-F", "csrfmiddlewaretoken=2", query + "&quality=", input: photo)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.body == expected.body)
        }
    }

    @Test(
        "Accept and format choose the answer's type",
        arguments: [
            ("*/*", "", "image/jpeg"), ("image/png", "", "image/png"), ("image/jpeg;q=0.5, image/png", "", "image/png"),
            ("image/*;q=0.9, image/jpeg;q=0.1", "", "image/png"), ("application/json", "", "application/json"),
            ("application/json, text/plain, */*", "", "image/jpeg"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "", "image/jpeg"),
            ("*/*", "&format=png", "image/png"), ("application/json", "&format=png", "application/json"),
            ("*/*", "&format=webp", "image/webp"), ("image/webp", "", "image/webp"),
        ])
    func acceptance(accept: String, format: String, type: String) async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-;filename=a.b.jpeg", "-H", "Accept: \(accept)", "/deepdream?\(Self.recipe)\(format)",
                input: TestFiles.photo())
            #expect(answer.headers["Content-Type"] == type)
            #expect(answer.headers["Vary"] == "Accept")
            var picture = answer.body
            if type == "application/json" {
                let url = try #require(answer.json["image"])
                let comma = try #require(url.firstIndex(of: ","))
                #expect(url[..<comma] == "data:image/\(format.isEmpty ? "jpeg" : "png");base64")
                picture = [UInt8](try #require(Data(base64Encoded: String(url[url.index(after: comma)...]))))
                #expect(answer.text.contains("\"steps\":\"1\""))
            } else {
                #expect(answer.headers["Content-Disposition"]?.hasPrefix("inline; filename=\"a.b-dream.") == true)
            }
            let expected: ImageFormat =
                type == "image/webp" ? .webp : type == "image/png" || !format.isEmpty ? .png : .jpeg
            #expect(try ImageDecoder().inspect(picture).format == expected)
        }
    }

    @Test("A damaged photo is refused, unless damage is accepted")
    func damage() async throws {
        try await TestService.run { service in
            let photo = try Array(TestFiles.photo().dropLast(TestFiles.photo().count / 3))
            for (policy, status) in [("refuse", 415), ("accept", 200)] {
                let answer = try await service.curl(
                    "-F", "image=@-", "/deepdream?\(Self.recipe)&damaged=\(policy)", input: photo)
                #expect(answer.status == status, "\(answer.text.prefix(200))")
            }
        }
    }

    @Test(
        "the dream's file is named after the photo's",
        arguments: [
            ("cat.png", "filename=\"cat-dream.jpg\""), ("C:\\photos\\a.b.JPG", "filename=\"a.b-dream.jpg\""),
            ("../../etc/passwd", "filename=\"passwd-dream.jpg\""), (".htaccess", "filename=\"dream.jpg\""),
            ("Kätzchen 1.jpg", "filename=\"K_tzchen 1-dream.jpg\"; filename*=UTF-8''K%C3%A4tzchen%201-dream.jpg"),
            ("a%22;x=1.jpg", "filename=\"a22;x=1-dream.jpg\""),
        ])
    func fileNames(name: String, parameters: String) async throws {
        try await TestService.run { service in
            let body =
                Array("--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"\(name)\"\r\n\r\n".utf8)
                + (try TestFiles.photo()) + Array("\r\n--b--\r\n".utf8)
            let answer = try await service.curl(
                "--data-binary", "@-", "-H", "Content-Type: multipart/form-data; boundary=b", "/deepdream?steps=0",
                input: body)
            #expect(answer.headers["Content-Disposition"] == "inline; \(parameters)", "\(answer.status)")
        }
    }

    @Test("a form names a channel in brackets")
    func channel() async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-", "-F", "layers=mixed5[17]", "-F", "steps=1", "-F", "size=max:90", "/deepdream",
                input: TestFiles.photo())
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.headers["DeepDream-Recipe"]?.contains("layers=mixed5%5B17%5D&") == true)
        }
    }

    @Test("fast precision gives a slightly different dream if the processor supports it, else an error")
    func precision() async throws {
        try await TestService.run { service in
            let photo = try TestFiles.photo()
            let query = "/deepdream?steps=3&size=max:90&format=png&precision="
            let full = try await service.curl("-F", "image=@-", query + "full", input: photo)
            let fast = try await service.curl("-F", "image=@-", query + "fast", input: photo)
            #expect(full.status == 200, "\(full.text)")
            if Precision.fast.isAvailable {
                #expect(fast.status == 200, "\(fast.text)")
                let pictures = try [full, fast].map { try ImageDecoder().decode($0.body).pixels.map(Float.init) }
                #expect(fast.body != full.body && psnr(pictures[1], pictures[0], peak: 255) > 20)
                let again = try await service.curl("-F", "image=@-", query + "fast", input: photo)
                #expect(again.body == fast.body)
            } else {
                #expect(fast.status == 400)
                #expect(fast.text.contains("\"field\":\"precision\"") && fast.text.contains("bfloat16"))
            }
        }
    }

    @Test("another seed gives another dream")
    func seeds() async throws {
        try await TestService.run { service in
            let photo = try TestFiles.photo()
            let query = "/deepdream?steps=2&octaves=1&jitter=8&seed="
            let first = try await service.curl("-F", "image=@-", query + "1", input: photo)
            let second = try await service.curl("-F", "image=@-", query + "2", input: photo)
            #expect(first.status == 200 && second.status == 200)
            #expect(first.body != second.body)
        }
    }

    @Test("a request without a size gets the service's default")
    func defaultSize() async throws {
        try await TestService.run(configure: { $0.defaultSize = .longerSide(80) }) { service in
            let answer = try await service.curl(
                "-F", "image=@-", "/deepdream?steps=0", input: TestFiles.photo(width: 300, height: 300))
            let picture = try ImageDecoder().decode(answer.body)
            #expect(picture.width == 80 && picture.height == 80)
        }
    }

    @Test("a PNG photo can become a PNG dream")
    func png() async throws {
        try await TestService.run { service in
            let answer = try await service.curl(
                "-F", "image=@-", "-F", "format=png", "-F", "steps=0", "/deepdream",
                input: TestFiles.photo(as: .png))
            #expect(answer.headers["Content-Type"] == "image/png")
            #expect(try ImageDecoder().inspect(answer.body).format == .png)
        }
    }

    @Test("each of several concurrent clients gets its own dream (with Python's requests)")
    func concurrency() async throws {
        let python = try await Programs.python()
        let script = try #require(Bundle.module.url(forResource: "Fixtures/clients", withExtension: "py"))
        try await TestFiles.withDirectory { directory in
            var photos: [String] = []
            for number in 0..<4 {
                let photo = directory.appending(path: "\(number).jpg")
                try Data(TestFiles.photo(width: 90 + 10 * number, height: 80)).write(to: photo)
                photos.append(photo.path)
            }
            try await TestService.run(configure: { $0.queueLength = 100 }) { [photos] service in
                let result = try await Subprocess.run([python, script.path, service.url] + photos)
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.text == "24 dreams\n")
                #expect(service.counts() == JobQueue.Counts(done: 28))
            }
        }
    }

    @Test("dreams that share the processors give the same bytes as dreams that run alone", arguments: Backend.allCases)
    func determinism(backend: Backend) async throws {
        let isLoaded = Atomic(false)
        let together = Meeting(of: 3)
        try await TestService.run(
            configure: { ($0.processors, $0.workers, $0.backend) = (3, 3, backend) },
            onStart: { if isLoaded.load(ordering: .relaxed) { try together.attend() } }
        ) { service in
            let photo = try TestFiles.photo()
            let paths = (0..<4).map { "/deepdream?steps=4&octaves=2&jitter=4&seed=\($0)" }
            var alone: [[UInt8]] = []
            for path in paths {
                let answer = try await service.curl("-F", "image=@-", path, input: photo)
                #expect(answer.status == 200, "\(answer.text)")
                alone.append(answer.body)
            }
            #expect(Set(alone).count == paths.count)
            // Twelve dreams for three workers, so that always three run together.
            isLoaded.store(true, ordering: .relaxed)
            let clients = try (0..<12).map { try service.start(["-F", "image=@-", paths[$0 % 4]], input: photo) }
            for (number, client) in clients.enumerated() {
                let answer = try Answer(await client.wait())
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.body == alone[number % 4], "client \(number)")
            }
            #expect(service.counts() == JobQueue.Counts(done: 16))
        }
    }

    @Test("a client that disconnects cancels its running job")
    func disconnect() async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(makeProcessor: { GatedProcessor(gate: gate) }) { service in
            let client = try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            try await gate.started.reaches(1)
            client.send(SIGKILL)
            // Wait until the service has noticed the disconnect.
            _ = try #require(try await service.log.first { $0.contains("client left") })
            gate.open()
            let line = try #require(try await service.log.first { $0.contains("not dreamt") })
            #expect(line.contains("problem=client-left"))
            #expect(service.counts() == JobQueue.Counts(cancelled: 1))
            _ = await client.wait()
        }
    }

    @Test("a job that cannot be interrupted does not keep the service from stopping", .timeLimit(.minutes(5)))
    func stuckJob() async throws {
        let gate = GatedProcessor.Gate()
        defer { gate.open(for: 2) }
        var (client, stored): (Subprocess?, String?)
        var log: Lines?
        try await TestService.run(configure: { $0.workers = 2 }, makeProcessor: { GatedProcessor(gate: gate) }) {
            service in
            log = service.log
            client = try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            stored = try await service.curl("-F", "image=@-", "/jobs", input: TestFiles.photo()).headers["Location"]
            try await gate.started.reaches(2)
        }
        // The gate is still closed.
        let answer = try await Answer(#require(client).wait())
        #expect(answer.status == 503, "\(answer.text)")
        #expect(stored != nil && log?.all.contains { $0.contains("jobs do not end") } == true)
    }

    @Test("a dream ends soon, also within a step, when its client disconnects")
    func disconnectWhileDreaming() async throws {
        let started = Tally()
        try await TestService.run(onStart: { started.add() }, isEndless: true) { service in
            let client = try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            try await started.reaches(1)
            client.send(SIGKILL)
            let line = try #require(try await service.log.first { $0.contains("not dreamt") })
            #expect(line.contains("problem=client-left"))
            _ = await client.wait()
        }
    }

    @Test("a full queue is answered with 503 and Retry-After")
    func fullQueue() async throws {
        let gate = GatedProcessor.Gate()
        try await TestService.run(configure: { $0.queueLength = 0 }, makeProcessor: { GatedProcessor(gate: gate) }) {
            service in
            let first = try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            try await gate.started.reaches(1)
            let second = try await service.curl("-F", "image=@-", "/deepdream", input: TestFiles.photo())
            #expect(second.status == 503)
            #expect(second.headers["Retry-After"] == "10")
            #expect(second.json["type"] == "urn:problem-type:deepdream:queue-full")
            gate.open()
            let answer = try await Answer(first.wait())
            #expect(answer.status == 200)
        }
    }

    @Test("a dream that would pass its deadline behind others is answered with 503 and Retry-After")
    func lateDream() async throws {
        let model = try VisionModel.embedded()
        var recipe = try Recipe.recommended(for: model)
        try recipe.apply([("steps", "10"), ("octaves", "1")])
        // Each takes 200 s, and has 300.
        let throughput = Throughput()
        throughput.measure(
            recipe.operations(in: model, width: 100, height: 80),
            of: JobCost.Kind(model: model.name, precision: recipe.precision.rawValue), seconds: 200)
        let gate = GatedProcessor.Gate()
        try await TestService.run(
            configure: { $0.deadlineSeconds = 300 }, throughput: throughput,
            makeProcessor: { GatedProcessor(gate: gate) }
        ) { service in
            let photo = try TestFiles.photo(width: 100, height: 80)
            let arguments = ["-F", "image=@-", "/deepdream?steps=10&octaves=1"]
            let first = try service.start(arguments, input: photo)
            try await gate.started.reaches(1)
            let second = try await Answer(service.start(arguments, input: photo).wait())
            #expect(second.status == 503 && second.headers["Retry-After"] != nil, "\(second.text)")
            #expect(second.json["type"] == "urn:problem-type:deepdream:queue-late")
            gate.open()
            #expect(try await Answer(first.wait()).status == 200)
        }
    }

    @Test("a running or waiting job is answered with 504 after its deadline")
    func deadline() async throws {
        try await TestService.run(configure: { $0.deadlineSeconds = 1 }, isEndless: true) { service in
            let clients = try [1, 2].map { _ in
                try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            }
            for client in clients {
                let answer = try Answer(await client.wait())
                #expect(answer.status == 504)
                #expect(answer.json["type"] == "urn:problem-type:deepdream:deadline-passed")
            }
        }
    }

    @Test("when the service stops, jobs that do not finish in time are answered with 503")
    func stop() async throws {
        let started = Tally()
        nonisolated(unsafe) var client: Subprocess?
        try await TestService.run(onStart: { started.add() }, isEndless: true) { service in
            client = try service.start(["-F", "image=@-", "/deepdream"], input: TestFiles.photo())
            try await started.reaches(1)
        }
        let answer = try Answer(try #require(await client?.wait()))
        #expect(answer.status == 503)
        #expect(answer.json["type"] == "urn:problem-type:deepdream:shutting-down")
    }

    @Test("a mask is a second file, noise needs no photo, and contradictions are named")
    func pictures() async throws {
        try await TestService.run { service in
            try await TestFiles.withDirectory { directory in
                let mask = directory.appending(path: "mask.png").path
                let black = Image(width: 2, height: 2, pixels: [UInt8](repeating: 0, count: 12))
                try Data(black.encoded(as: .png)).write(to: URL(filePath: mask))
                let photo = try TestFiles.photo(as: .png)
                let query = "/deepdream?steps=1&octaves=1&format=png"
                let masked = try await service.curl("-F", "image=@-", "-F", "mask=@\(mask)", query, input: photo)
                #expect(masked.status == 200, "\(masked.text)")
                #expect(try ImageDecoder().decode(masked.body) == ImageDecoder().decode(photo))
                let twice = try await service.curl(
                    "-F", "image=@-", "-F", "mask=@\(mask)", "-F", "mask=@\(mask)", query, input: photo)
                #expect(twice.status == 400 && twice.text.contains("\"field\":\"mask\""), "\(twice.text)")
                let unguided = try await service.curl("-F", "image=@-", "-F", "guide=@\(mask)", query, input: photo)
                #expect(unguided.status == 400 && unguided.text.contains("contradictory-field"), "\(unguided.text)")
            }
            let noise = try await service.curl("-F", "from=noise", "/deepdream?steps=1&octaves=1&size=90x80")
            #expect(noise.status == 200, "\(noise.text)")
            #expect(try ImageDecoder().inspect(noise.body).width == 90)
        }
    }
}
