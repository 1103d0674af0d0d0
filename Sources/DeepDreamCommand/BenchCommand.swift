import ArgumentParser
import DeepDream
import Glibc
import Imaging
import VisionNet

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures steps per second and peak memory, or the time of each part of a step.",
        discussion: """
            Runs gradient steps for the layers mixed3 and mixed5 on a generated picture, or with --recommended the \
            steps of one octave of the recipe that the model recommends. With --plan it measures each convolution and \
            pool of a step by itself, and prints how it is computed.

              deepdream bench
              deepdream bench --size 512x512 --threads 2 --model inception_v3 --json
              deepdream bench --size 512x384 --plan
              deepdream bench --precision fast
              deepdream bench --recommended
              deepdream bench --model efficientnet_lite0 --layers e11,b10:l2
            """)

    @Option(help: "the model: a name or a file") var model = "embedded"
    @Option(help: .field("size")) var size = "225x225"
    @Option(help: "how many steps to measure after a first one that is not measured (1 to 1999)") var steps = 20
    @Option(help: .field("precision")) var precision = Precision.full.rawValue
    @Flag(help: "use the layers, jitter and bands of the recipe that the model recommends")
    var recommended = false
    @Option(help: .field("layers")) var layers: String?
    @OptionGroup var compute: ComputeFlags
    @Flag(help: "print a line for each part of a step, with the shortest time of --steps runs") var plan = false
    @Flag(help: "print one JSON object instead of text") var json = false

    func validate() throws {
        guard (1...1999).contains(steps) else {
            throw ValidationError("--steps cannot be \(steps); allowed: a whole number from 1 to 1999")
        }
        do throws(RecipeError) {
            _ = try measured(.plain(model: ""))
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// Changes a recipe to a single octave with the steps to measure.
    private func measured(_ recipe: Recipe) throws(RecipeError) -> Recipe {
        var recipe = recipe
        recipe.octaves = 1
        try recipe.apply([("size", size), ("steps", String(steps + 1)), ("precision", precision)])
        if let layers { try recipe.apply([("layers", layers)]) }
        return recipe
    }

    func run() throws {
        let clock = ContinuousClock()
        let loading = clock.now
        let model = try Models.load(model)
        let loadTime = loading.duration(to: clock.now)

        let recipe = try measured(recommended ? .recommended(for: model) : .plain(model: model.name))
        let (width, height) = recipe.size.resolved(forWidth: Self.photoSide, height: Self.photoSide)
        let options = try compute.options
        if plan {
            let report = try planReport(model, options, recipe: recipe, width: width, height: height)
            print(try json ? report.json : report.text)
            return
        }
        var ends: [ContinuousClock.Instant] = []
        let dreamer = try Dreamer(model: model, options: options)
        _ = try dreamer.dream(Self.photo, recipe: recipe) { _ in ends.append(clock.now) }

        // The first step is not measured, because it allocates memory and fills caches.
        let times = zip(ends, ends.dropFirst()).map { $0.duration(to: $1) / .milliseconds(1) }.sorted()
        guard let fastest = times.first else {
            throw CleanExit.message("no step was measured")
        }
        let report = BenchReport(
            model: model.name, backend: options.backend(for: recipe.precision).rawValue,
            precision: recipe.precision.rawValue,
            size: "\(width)x\(height)", threads: options.threads, steps: times.count,
            stepsPerSecond: 1000 * Double(times.count) / times.reduce(0, +),
            medianStepMilliseconds: times[times.count / 2], fastestStepMilliseconds: fastest,
            loadMilliseconds: loadTime / .milliseconds(1))
        print(try json ? report.json : report.text)
    }

    private func planReport(
        _ model: VisionModel, _ options: ComputeOptions, recipe: Recipe, width: Int, height: Int
    ) throws -> PlanReport {
        let workspace = try Workspace(model: model, options: options)
        let plan = try workspace.plan(
            try recipe.objective(in: model), height: height, width: width,
            precision: recipe.precision)
        let photo = Self.photo.resized(width: width, height: height, filter: .lanczos3)
        _ = plan.input.update(fromContentsOf: FloatImage(signedUnit: photo).values)
        // The first run is not measured, because it fills caches.
        plan.run()
        return PlanReport(
            model: model.name, options: options, precision: recipe.precision, size: "\(width)x\(height)",
            plan.profile(runs: steps))
    }

    private static let photoSide = 512

    /// A generated picture of smooth waves with three frequencies.
    private static var photo: Image {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * photoSide * photoSide)
        for y in 0..<photoSide {
            for x in 0..<photoSide {
                for (frequency, phase) in [(0.05, 0.0), (0.11, 1.0), (0.23, 2.0)] {
                    let wave = sin(frequency * Double(x) + phase) * cos(frequency * Double(y) - phase)
                    pixels.append(UInt8(127.5 + 127 * wave))
                }
            }
        }
        return Image(width: photoSide, height: photoSide, pixels: pixels)
    }
}
