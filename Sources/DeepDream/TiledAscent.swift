import VisionNet

/// Moves a picture along its gradient, which is computed tile by tile, so that the memory that a network needs does not
/// grow with the picture.
///
/// Tiles overlap and are blended, and their borders lie elsewhere at each step. Where they reach beyond the picture,
/// they see its mirror image. Beside the picture there is only the direction of a step, with 16 bits for each number. A
/// step is normalised over all tiles. If the gradient is split into parts, the parts are normalised by what the step
/// before has measured; for that, there is a pass without a step first.
final class TiledAscent: Ascent {
    private let plan: GradientPlan
    private let state: AscentState
    private let shaper: GradientShaper
    private let rows: TileAxis
    private let columns: TileAxis
    private let direction: Direction
    private let current: CurrentTile
    private let filling: RowWork
    private let shaping: RowWork
    private let blending: RowWork
    private let ascending: RowWork
    private let isCancelled: @Sendable () -> Bool
    private var needsMeasuring: Bool

    /// The tile that the threads work on.
    private final class CurrentTile {
        var (top, left) = (0, 0)
        /// The parts of the tile that are in the picture.
        var (rows, columns) = (0..<0, 0..<0)
        var (down, across): ([Float], [Float]) = ([], [])
    }

    /// The direction of a step: numbers of 16 bits, the upper half of a `Float`.
    private final class Direction {
        let values: UnsafeMutableBufferPointer<UInt16>

        init(count: Int) {
            values = .allocate(capacity: count)
            values.initialize(repeating: 0)
        }

        deinit { values.deallocate() }

        func add(_ value: Float, at index: Int) {
            let sum = Float(bitPattern: UInt32(values[index]) << 16) + value
            // Rounded to the nearest, ties to even.
            let bits = sum.bitPattern
            values[index] = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
        }

        func read(_ place: Range<Int>, into line: VectorMath.Floats) {
            for index in line.indices {
                line[index] = Float(bitPattern: UInt32(values[place.lowerBound + index]) << 16)
            }
        }
    }

    /// - Parameters:
    ///   - picture: RGB in [-1, 1], row by row, which each step changes.
    ///   - photo: the photo in the picture's size, for steps that are pulled back to it.
    ///   - plan: for pictures of a tile's size.
    ///   - workspace: the one that made the plan.
    init(
        picture: VectorMath.Floats, plan: GradientPlan, rows: TileAxis, columns: TileAxis, width: Int, height: Int,
        photo: FloatBuffer?, _ shaping: GradientShaping, in workspace: Workspace
    ) {
        let math = VectorMath(workspace)
        let state = AscentState(
            picture: picture, width: width, height: height, photo: photo, shaping, math: math)
        let shaper = GradientShaper(
            gradient: plan.gradient, width: plan.width, height: plan.height, shaping, isTiled: true, math: math)
        let (direction, current) = (Direction(count: picture.count), CurrentTile())
        (self.plan, self.state, self.shaper, self.rows, self.columns) = (plan, state, shaper, rows, columns)
        (self.direction, self.current) = (direction, current)
        isCancelled = workspace.isCancelled
        needsMeasuring = !shaper.parts.isEmpty
        let tile = (width: plan.width, height: plan.height)

        filling = RowWork(
            [
                .rows(count: tile.height) { rows, _ in
                    for row in rows {
                        let line = plan.input.line(row, of: 3 * tile.width)
                        let source = GaussianBlur.mirrored(current.top + row, height)
                        let columns = current.columns
                        state.forEachStretch(row: source, left: current.left, columns: columns) { place, part in
                            _ = VectorMath.Floats(rebasing: line[part]).update(fromContentsOf: picture[place])
                        }
                        for column in 0..<tile.width where !columns.contains(column) {
                            let mirrored = GaussianBlur.mirrored(current.left + column, width)
                            let pixel = state.roll.source(row: source, column: mirrored)
                            for channel in 0..<3 {
                                line[3 * column + channel] = picture[3 * (pixel.row * width + pixel.column) + channel]
                            }
                        }
                    }
                }
            ], in: workspace)
        self.shaping = RowWork(
            shaper.steps.isEmpty ? [.once {}] : shaper.steps, in: workspace)
        blending = RowWork(
            [
                .rows(count: tile.height) { rows, _ in
                    for row in rows where current.rows.contains(row) {
                        let line = shaper.direction.line(row, of: 3 * tile.width)
                        let weight = current.down[row]
                        state.forEachStretch(
                            row: current.top + row, left: current.left, columns: current.columns
                        ) { place, part in
                            for index in part {
                                direction.add(
                                    weight * current.across[index / 3] * line[index],
                                    at: place.lowerBound + index - part.lowerBound)
                            }
                        }
                    }
                }
            ], in: workspace)
        func place(_ row: Int) -> Range<Int> { row * 3 * width..<(row + 1) * 3 * width }
        ascending = RowWork(
            state.preparation + [
                .rows(count: height, scratch: 3 * width) { rows, scratch in
                    for row in rows {
                        direction.read(place(row), into: scratch)
                        state.measurement.measure(scratch, row: row)
                    }
                },
                .once {
                    state.measurement.collect()
                    state.measurement.conclude(count: picture.count)
                },
                .rows(count: height, scratch: 3 * width) { rows, scratch in
                    for row in rows {
                        direction.read(place(row), into: scratch)
                        state.ascend(place(row), along: scratch)
                    }
                },
            ], in: workspace)
    }

    func step(size: Float, shift: (rows: Int, columns: Int), random: inout SplitMix64) -> Double {
        state.size = size
        state.roll = Roll(rows: shift.rows, columns: shift.columns, width: state.width, height: state.height)
        let tops = rows.starts(shift: rows.randomShift(&random))
        let lefts = columns.starts(shift: columns.randomShift(&random))
        if needsMeasuring {
            _ = computeGradient(tops: tops, lefts: lefts)
            needsMeasuring = false
        }
        let objective = computeGradient(tops: tops, lefts: lefts)
        ascending.run()
        return objective
    }

    /// Sets the direction, and the scales of the gradient's parts for the next one.
    ///
    /// - Returns: the mean of the tiles' objectives; 0 if the work was cancelled.
    private func computeGradient(tops: [Int], lefts: [Int]) -> Double {
        direction.values.update(repeating: 0)
        var objective = 0.0
        for (top, down) in zip(tops, rows.weights(ofTilesAt: tops)) {
            for (left, across) in zip(lefts, columns.weights(ofTilesAt: lefts)) {
                guard !isCancelled() else { return 0 }
                (current.top, current.left, current.down, current.across) = (top, left, down, across)
                (current.rows, current.columns) = (rows.inside(top), columns.inside(left))
                filling.run()
                objective += plan.run()
                shaping.run()
                blending.run()
            }
        }
        shaper.concludeParts(tiles: tops.count * lefts.count)
        return objective / Double(tops.count * lefts.count)
    }
}

extension AscentState {
    /// Calls `body` with the stretches of the picture that a part of a row of the rolled picture shows: their floats'
    /// indices in the picture, and in the part.
    ///
    /// - Parameters:
    ///   - left: the column at which the part starts.
    ///   - columns: those of the part that are in the picture.
    fileprivate func forEachStretch(
        row: Int, left: Int, columns: Range<Int>, _ body: (_ place: Range<Int>, _ part: Range<Int>) -> Void
    ) {
        let source = roll.source(row: row, column: left + columns.lowerBound)
        let (line, from) = (3 * width * source.row, 3 * columns.lowerBound)
        let first = min(columns.count, width - source.column)
        body(line + 3 * source.column..<line + 3 * (source.column + first), from..<from + 3 * first)
        if first < columns.count {
            body(line..<line + 3 * (columns.count - first), from + 3 * first..<from + 3 * columns.count)
        }
    }
}
