using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// Parse analysis of one statement, as PostgreSQL's parser does it: names become relations and columns, every expression gets its type, all
/// conversions become nodes. The parts follow PostgreSQL's parse_*.c and analyze.c, so that the first error found is the same.
/// </summary>
internal sealed partial class StatementBinder
{
    /// <summary>PostgreSQL's MaxTupleAttributeNumber: the most columns of a row.</summary>
    private const int ColumnsMax = 1664;

    private readonly BindContext _context;
    private readonly Resolver _resolver;
    private readonly TypeLookup _types;

    public StatementBinder(BindContext context)
    {
        _context = context;
        _resolver = new Resolver(context);
        _types = _resolver.Types;
    }

    /// <summary>A SELECT, VALUES, set operation, INSERT, UPDATE or DELETE.</summary>
    public BoundQuery Bind(Statement statement)
    {
        var query = BindTop(statement);
        CheckParameters(query);
        return query;
    }

    private BoundQuery BindTop(Statement statement)
    {
        var scope = new Scope(null);
        switch (statement)
        {
            case Query query:
                var (plain, into) = TakeInto(query);
                return BindQuery(plain, scope) with { Into = into };
            case InsertStatement insert:
                return BindInsert(insert, scope);
            case UpdateStatement update:
                return BindUpdate(update, scope);
            case DeleteStatement delete:
                return BindDelete(delete, scope);
            case MergeStatement merge:
                throw Unsupported("MERGE", merge.Location);
            default:
                throw new ArgumentException($"{statement.GetType().Name} is not bound here.", nameof(statement));
        }
    }

    /// <summary>A query with the INTO of its first SELECT taken out, which belongs to the statement.</summary>
    private static (Query Query, IntoClause? Into) TakeInto(Query query)
    {
        var path = new Stack<SetOperation>();
        var leftmost = query;
        while (leftmost is SetOperation operation)
        {
            path.Push(operation);
            leftmost = operation.Operands[0];
        }

        if (leftmost is not SelectQuery { Into: { } into } select)
        {
            return (query, null);
        }

        Query result = select with { Into = null };
        while (path.TryPop(out var operation))
        {
            result = operation with { Operands = [result, .. operation.Operands.Skip(1)] };
        }

        return (result, into);
    }

    private DialectException Error(string sqlState, string message, Location location, string? hint = null, string? detail = null) =>
        _context.Error(sqlState, message, location, hint, detail);

    private static DialectException Error(string sqlState, string message, string? hint = null, string? detail = null) =>
        new(sqlState, message, 0, hint, detail);

    private DialectException Unsupported(string what, Location location) =>
        Error(SqlState.FeatureNotSupported, $"{what} is not supported", location);

    private static DialectException UnsupportedXml() => Error(
        SqlState.FeatureNotSupported, "unsupported XML feature",
        detail: "This functionality requires the server to be built with libxml support.");

    /// <summary>Every parameter must have got a type, and where one stands without, no other place may have decided it.</summary>
    private void CheckParameters(BoundQuery query)
    {
        BoundWalk.Visit(query, (node, _) =>
        {
            if (node is Param { Type.Oid: PgTypes.Unknown } parameter && _context.Parameters[parameter.Number] is not null)
            {
                throw Error(
                    SqlState.AmbiguousParameter, $"could not determine data type of parameter ${parameter.Number}", parameter.Location);
            }

            return true;
        });
        for (var number = 1; number <= _context.Parameters.Count; number++)
        {
            if (_context.Parameters[number] is null)
            {
                throw Error(SqlState.IndeterminateDatatype, $"could not determine data type of parameter ${number}");
            }
        }
    }
}
