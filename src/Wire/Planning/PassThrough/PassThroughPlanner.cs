using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Planning.PassThrough;

/// <summary>
/// Passes statements to SQLite as they are written. The dialect tells statements apart, the database describes them, and types come from declared
/// columns and from the text around parameters.
/// </summary>
internal sealed class PassThroughPlanner : IStatementPlanner
{
    public IReadOnlyList<StatementPart> Parse(string text, IPlanningSession session, int statementsMax = int.MaxValue) => Parse(text, statementsMax);

    public static IReadOnlyList<StatementPart> Parse(string text, int statementsMax = int.MaxValue)
    {
        var statements = SqlParser.Parse(text, statementsMax);
        var parts = new StatementPart[statements.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = new PassThroughPart(statements[i], body: SqlParser.BodyOf(statements[i].Command) is { } body ? new PassThroughPart(body) : null);
        }

        return parts;
    }

    public async ValueTask<PlannedStatement> PlanAsync(
        StatementPart? part, ReadOnlyMemory<uint> declared, IPlanningSession session, bool behindWrites = false)
    {
        if (part is not { IsRun: true })
        {
            return PassThroughStatement.Create((PassThroughPart?)part, null, declared.Span);
        }

        var parsed = Of(part);
        var shape = parsed.Lowered ? StatementShape.Command : await DescribeAsync(parsed.Text, session).ConfigureAwait(false);
        if (shape.Error is { } error)
        {
            // An unknown table is forgiven if it may be created before the statement runs, or may not have arrived at this node yet.
            var mapped = ErrorMapping.From(error, parsed.PositionOf(error.Offset), parsed.CommandTag, cancelled: false);
            if (mapped.SqlState == SqlState.SyntaxError || session.InBlock || (!behindWrites && session.IsLeader))
            {
                throw new PgException(mapped);
            }

            shape = null;
        }

        return PassThroughStatement.Create((PassThroughPart)part, shape, declared.Span);
    }

    public async ValueTask<PlannedColumn[]> ColumnsAsync(PlannedStatement statement, IPlanningSession session)
    {
        var parsed = Of(statement.Part!);
        if (parsed.Lowered)
        {
            return [];
        }

        var shape = await DescribeAsync(parsed.Text, session).ConfigureAwait(false);
        return shape.Error is { } error
            ? throw new PgException(ErrorMapping.From(error, parsed.PositionOf(error.Offset), parsed.CommandTag, cancelled: false))
            : PassThroughStatement.ColumnsOf(shape.Rows, parsed);
    }

    public async ValueTask RequireRelationAsync(string name, string tag, IPlanningSession session)
    {
        var shape = await DescribeAsync($"SELECT 1 FROM \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", session).ConfigureAwait(false);
        if (shape.Error is { } error)
        {
            throw new PgException(ErrorMapping.From(error, 0, tag, cancelled: false));
        }
    }

    public ValueTask<uint> TypeAsync(PreparedType type, IPlanningSession session) => new(type.Type.Oid);

    private static ParsedStatement Of(StatementPart part) => ((PassThroughPart)part).Parsed;

    private static ValueTask<StatementShape> DescribeAsync(string sql, IPlanningSession session) =>
        session.DescribeAsync(new Statement(Encoding.UTF8.GetBytes(sql), default));
}
