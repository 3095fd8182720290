using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning.PassThrough;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Planning.Translated;

/// <summary>A statement in PostgreSQL's dialect, whose types are known before it runs.</summary>
internal sealed record TranslatedStatement : PlannedStatement
{
    private readonly ParameterReader _reader;

    // The table that the statement changes, and the schema of all names, which may go: then an error has the names that SQLite gives.
    private uint _target;
    private IReadOnlyList<short> _changed = [];
    private WeakReference<SchemaSnapshot>? _schema;

    private TranslatedStatement(IObjectNames names) => _reader = (output, data, binary, type, settings) =>
        StoredParameters.Write(output, data, binary, type, settings, names);

    protected override ParameterReader ParameterReader => _reader;

    /// <param name="shapes">The database's descriptions of the translation's steps.</param>
    /// <param name="constants">For each parameter of each step the value of its literal, empty for one that the client gives.</param>
    public static TranslatedStatement Create(
        StatementPart part, ParsedStatement parsed, Translation translation, TranslationContext context, StatementShape[] shapes, ReadOnlyMemory<byte>[][] constants)
    {
        var effects = shapes.Aggregate(StatementEffects.None, static (all, shape) => all | shape.Effects);
        var readOnly = Array.TrueForAll(shapes, static shape => shape.ReadOnly);

        // Most statements do with built-in types, and need not keep a whole schema.
        IObjectNames names = translation.Parameters.Concat((translation.Columns ?? []).Select(static column => column.Type)).Any(NeedsSchema)
            ? new SchemaNames(context.Schema, context.SearchPath, context.User)
            : BuiltInNames.Instance;
        PlannedColumn[] columns =
        [
            .. (translation.Columns ?? []).Select(column => new PlannedColumn(
                column.Name, Announced(column.Type, context.Schema), column.TableOid, column.AttributeNumber, names)
            {
                Written = column.Written == column.Type ? null : column.Written,
            }),
        ];
        uint[] types = [.. translation.Parameters.Select(type => type.Oid)];
        var hint = ReadHint.Of(parsed);
        var drawn = (effects & StatementEffects.Sequences) != 0 ? parsed.DrawnSequence() : null;
        var steps = new PlannedStep[translation.Steps.Count];
        var bytes = 1024L;
        for (var i = 0; i < steps.Length; i++)
        {
            var step = translation.Steps[i];
            var sql = Encoding.UTF8.GetBytes(step.Sql);
            bytes += sql.Length + (96 * step.Parameters.Count);
            var own = constants[i];
            steps[i] = new PlannedStep(sql, [.. step.Parameters.Select((parameter, at) => new StepValue(
                parameter.Number - 1, parameter.Number > 0 ? parameter.Type.Oid : 0, own[at])
            {
                IsMoment = parameter.IsMoment,
            })])
            {
                Internal = step.Internal, Typed = !step.Internal && !readOnly,
            };
        }

        return new TranslatedStatement(names)
        {
            Part = part,
            Steps = steps,
            Answer = translation.Answer,
            ParameterTypes = types,
            CountsByRow = translation.Counts,
            Rows = translation.Answer >= 0 && !translation.Counts ? shapes[translation.Answer].Rows : RowSchema.Empty,
            Columns = columns,
            Traits = TraitsOf(effects, readOnly, parsed.Locking is not null, drawn is not null, hint is not null),
            Hint = hint,
            Copy = parsed.Copy,
            Locking = parsed.Locking,
            LockedRelation = translation.Answer >= 0
                ? shapes[translation.Answer].Rows.Columns.FirstOrDefault(static column => column.Table is not null)?.Table : null,
            DrawnSequence = drawn,
            IsKnownToWrite = !readOnly && Array.TrueForAll(shapes, static shape => !shape.Explain),
            AsksCaller = effects != StatementEffects.None || translation.AsksSession,
            AsksSettings = translation.AsksSession || (effects & StatementEffects.AsksSession) != 0,
            SchemaVersion = translation.SchemaVersion,
            SearchPath = [.. context.SearchPath.Where(name => context.Schema.FindSchema(name) is not null)],
            PlannedPath = context.SearchPath,
            Defines = translation.Defines,
            Uncommitted = context.MayBeUndone ? new(context.Schema) : null,
            _target = translation.Target?.Oid ?? 0,
            _changed = translation.Changed,
            _schema = context.Schema is SchemaSnapshot snapshot ? new(snapshot) : null,
            Calls = translation.Calls,
            Notices = [.. translation.Notices.Select(NoticeOf)],
            CountedTag = parsed.Copy is not null ? "COPY" : translation.Tag switch
            {
                "INSERT" => "INSERT 0",
                "SELECT" or "UPDATE" or "DELETE" => translation.Tag,
                _ => null,
            },
            CountsChanges = translation.Tag is "INSERT" or "UPDATE" or "DELETE" || (translation.Tag == "SELECT" && translation.Columns is null),
            IsQuery = translation.Tag == "SELECT" && translation.Columns is not null,
            Bytes = bytes + (256L * columns.Length),
        };
    }

    public override Dialect.Syntax.Statement? Tree => Part is ShapedPart shaped ? shaped.Parsed.Tree : (Part as PassThroughPart)?.Tree;

    public override PlannedColumn[] ColumnsOf(RowSchema actual) => Columns!;

    // The types come from the schema of the plan's version, and the statement runs with no other.
    public override bool Promises(RowSchema actual) => true;

    // Positions in the translated text mean nothing to the client.
    public override int PositionOf(StatementError error) => 0;

    public override PgError Complete(PgError mapped, StatementError error)
    {
        var schema = _schema?.TryGetTarget(out var known) == true ? known : null;
        mapped = ConstraintNames.OfDomain(mapped, schema, SearchPath ?? []);
        return mapped.DataType is null && schema?.FindRelation(_target) is { } target
            ? ConstraintNames.Complete(mapped, error, schema, target, CountedTag == "INSERT 0" ? "INSERT" : CountedTag ?? "", _changed)
            : mapped;
    }

    private static bool NeedsSchema(PgType type) =>
        PgTypes.Find(type.Oid) is not { } known || known.Name.TrimStart('_').StartsWith("reg", StringComparison.Ordinal);

    // PostgreSQL announces the type under a domain.
    private static PgType Announced(PgType type, ISchema schema)
    {
        while (schema.FindType(type.Oid) is { Kind: 'd' } domain)
        {
            type = domain.Base;
        }

        return type;
    }

    private static PgError NoticeOf(Notice notice) =>
        new(notice.Severity == "WARNING" ? Severity.Warning : Severity.Notice, notice.SqlState, notice.Message) { Detail = notice.Detail, Hint = notice.Hint };

    private static StatementTraits TraitsOf(StatementEffects effects, bool readOnly, bool locksRows, bool draws, bool hinted) =>
        PassThroughStatement.TraitsOf(true, readOnly, effects, locksRows, draws, hinted);
}
