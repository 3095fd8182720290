using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Planning.PassThrough;

/// <summary>A statement that SQLite runs as it is written, with the database's description of it.</summary>
internal sealed record PassThroughStatement : PlannedStatement
{
    private readonly StatementShape? _shape;

    private PassThroughStatement(StatementShape? shape) => _shape = shape;

    protected override ParameterReader ParameterReader => ParameterDecoder.Write;

    /// <param name="shape">The description; null for a command of the session, and for a statement that the database does not know yet.</param>
    /// <param name="declared">The parameter types that the client gave; 0 for those it left open.</param>
    public static PassThroughStatement Create(PassThroughPart? part, StatementShape? shape, ReadOnlySpan<uint> declared)
    {
        var parsed = part?.Parsed;
        var types = ParameterTypesOf(parsed, declared);
        var hint = ReadHint.Of(parsed);
        if (parsed is not { Kind: StatementKind.Run })
        {
            return new PassThroughStatement(shape: null)
            {
                Part = part, ParameterTypes = types, Hint = hint, Bytes = BytesOf(parsed, 0, types.Length, 0),
                CountedTag = parsed?.Command is FetchCursor ? parsed.CommandTag : null,
            };
        }

        var effects = shape?.Effects ?? StatementEffects.None;
        var sql = Encoding.UTF8.GetBytes(parsed.Text);
        var columns = shape is null ? null : ColumnsOf(shape.Rows, parsed);
        var drawn = (effects & StatementEffects.Sequences) != 0 ? parsed.DrawnSequence() : null;
        return new PassThroughStatement(shape)
        {
            Part = part,
            Steps = [new PlannedStep(sql, shape is null ? null : OrderOf(shape)) { Internal = parsed.Lowered }],
            ParameterTypes = types,
            Rows = shape?.Rows ?? RowSchema.Empty,
            Columns = columns,
            Traits = TraitsOf(shape is not null, shape is { ReadOnly: true }, effects, parsed.Locking is not null, drawn is not null, hint is not null),
            Hint = hint,
            Copy = parsed.Copy,
            Locking = parsed.Locking,
            LockedRelation = shape?.Rows.Columns.FirstOrDefault(static column => column.Table is not null)?.Table,
            DrawnSequence = drawn,
            IsKnownToWrite = shape is { Error: null, Empty: false, Explain: false, ReadOnly: false },
            AsksCaller = shape is not { Effects: StatementEffects.None },

            // The zero stands for the OID of the inserted row, which PostgreSQL no longer has.
            CountedTag = !parsed.CountsRows ? null : parsed.Verb == StatementVerb.Insert ? "INSERT 0" : parsed.CommandTag,
            CountsChanges = parsed.Verb is StatementVerb.Insert or StatementVerb.Update or StatementVerb.Delete,
            IsQuery = parsed.Verb == StatementVerb.Select,
            Bytes = BytesOf(parsed, sql.Length, types.Length, columns?.Length ?? 0),
        };
    }

    /// <summary>The columns with the types that declared columns and the select list give.</summary>
    public static PlannedColumn[] ColumnsOf(RowSchema schema, ParsedStatement parsed)
    {
        var described = schema.Columns;
        if (described.Count == 0)
        {
            return [];
        }

        var columns = new PlannedColumn[described.Count];
        var open = false;
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new PlannedColumn(described[i].Name, AnnouncedTypes.OfColumn(described[i].DeclaredType));
            open |= columns[i].Type is null;
        }

        // The select list is read only if it is asked for.
        if (open && parsed.ColumnHints is { } hints && hints.Count == columns.Length)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                columns[i] = columns[i] with { Type = columns[i].Type ?? hints[i] };
            }
        }

        return columns;
    }

    public override PlannedColumn[] ColumnsOf(RowSchema actual) => Columns is { } columns && ReferenceEquals(_shape!.Rows, actual)
        ? columns
        : ColumnsOf(actual, ((PassThroughPart)Part!).Parsed);

    public override bool Promises(RowSchema actual)
    {
        if (_shape is null || ReferenceEquals(_shape.Rows, actual))
        {
            return true;
        }

        var announced = _shape.Rows.Columns;
        if (announced.Count != actual.Columns.Count)
        {
            return false;
        }

        for (var i = 0; i < announced.Count; i++)
        {
            var (left, right) = (announced[i], actual.Columns[i]);
            if (left.Name != right.Name || AnnouncedTypes.OfColumn(left.DeclaredType) != AnnouncedTypes.OfColumn(right.DeclaredType))
            {
                return false;
            }
        }

        return true;
    }

    public override int PositionOf(StatementError error) => ((PassThroughPart)Part!).Parsed.PositionOf(error.Offset);

    /// <param name="known">The database knows the statement.</param>
    public static StatementTraits TraitsOf(bool known, bool readOnly, StatementEffects effects, bool locksRows, bool draws, bool hinted)
    {
        var usesLocks = (effects & (StatementEffects.Locks | StatementEffects.Unlocks)) != 0;
        return If(known, StatementTraits.Known)
            | If(!readOnly && !usesLocks, StatementTraits.Writes)
            | If(usesLocks, StatementTraits.UsesLocks)
            | If((effects & StatementEffects.Locks) != 0, StatementTraits.TakesLocks)
            | If((effects & StatementEffects.UnlocksAll) != 0, StatementTraits.ReleasesAllLocks)
            | If((effects & ~(StatementEffects.AnyLocks | StatementEffects.AsksSession)) != 0, StatementTraits.HasOtherEffects)
            | If(locksRows, StatementTraits.LocksRows)
            | If(draws, StatementTraits.Draws)
            | If(hinted, StatementTraits.Hinted);

        static StatementTraits If(bool holds, StatementTraits trait) => holds ? trait : StatementTraits.None;
    }

    private static long BytesOf(ParsedStatement? parsed, int sqlBytes, int parameters, int columns)
    {
        const int Own = 1024;
        const int PerParameter = 96;
        const int PerColumn = 256;
        var text = parsed is null || ReferenceEquals(parsed.Text, parsed.Source) ? 0 : 2L * parsed.Text.Length;
        return Own + text + sqlBytes + ((long)PerParameter * parameters) + ((long)PerColumn * columns);
    }

    private static uint[] ParameterTypesOf(ParsedStatement? parsed, ReadOnlySpan<uint> declared)
    {
        var types = new uint[Math.Max(parsed?.ParameterCount ?? 0, declared.Length)];
        for (var i = 0; i < types.Length; i++)
        {
            var given = i < declared.Length ? declared[i] : 0;
            types[i] = given != 0 && given != PgTypes.Unknown ? given
                : parsed is not null && i < parsed.ParameterCasts.Count && parsed.ParameterCasts[i] is { } cast ? cast.Oid
                : 0;
        }

        if (types.AsSpan().Contains(0u))
        {
            Infer(parsed, types);
        }

        return types;
    }

    // Infers the types of parameters from the expressions beside them; text otherwise.
    private static void Infer(ParsedStatement? parsed, uint[] types)
    {
        var inferred = parsed is { Kind: StatementKind.Run, ParameterCount: > 0 } ? parsed.InferParameters(i => types[i] == 0) : [];
        for (var i = 0; i < types.Length; i++)
        {
            if (types[i] == 0)
            {
                types[i] = i < inferred.Length && inferred[i] is { } type ? type.Oid : PgTypes.Text;
            }
        }
    }

    // SQLite numbers parameters by their first appearance; their names have PostgreSQL's numbers.
    private static StepValue[] OrderOf(StatementShape shape)
    {
        var names = shape.ParameterNames;
        if (names.Count == 0)
        {
            return [];
        }

        var order = new StepValue[names.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = new StepValue(NumberOf(names[i]) - 1);
        }

        return order;
    }

    // SQLite takes $1::a::b for one name.
    private static int NumberOf(string? name)
    {
        if (name is not ['$', ..])
        {
            return 0;
        }

        var end = name.IndexOf("::", StringComparison.Ordinal);
        var digits = end < 0 ? name.AsSpan(1) : name.AsSpan(1, end - 1);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
