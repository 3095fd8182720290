using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>
/// Collects the implementations of functions. Each file of the runtime registers its own with their signatures, as regprocedure prints them:
/// <c>lower(text)</c>, <c>date_part(text,timestamp without time zone)</c>. Whether a function is strict or immutable its row tells.
/// </summary>
internal sealed class FunctionRegistry
{
    private readonly Dictionary<uint, Implementation> _implementations = [];
    private readonly List<SqlFunction> _functions = [];
    private readonly List<SqlAggregate> _aggregates = [];
    private readonly List<SqlCollation> _collations = [];
    private readonly List<SqlTable> _tables = [];

    public IReadOnlyDictionary<uint, Implementation> Implementations => _implementations;

    public void Native(string signature, string template)
    {
        var function = Find(signature);
        Add(function.Kind == 'f' ? new NativeTemplate(function, template) : new NativeAggregate(function, template));
    }

    /// <param name="asksSession">
    /// Whether the body asks for settings of the session; by default one that is stable does, and one that is immutable or volatile does not.
    /// </param>
    public void Call(string signature, FunctionBody body, bool? asksSession = null)
    {
        var function = Find(signature);
        Add(new RuntimeFunction(function, Define(function, body, asksSession)));
    }

    /// <param name="moving">For a frame whose start moves, where <paramref name="create"/> cannot take rows out.</param>
    public void Aggregate(
        string signature, Func<SqlAggregateState> create, bool strict = true, bool invertible = false, bool? asksSession = null,
        Func<SqlAggregateState>? moving = null)
    {
        var function = Find(signature);
        SqlAggregate Define(string name, Func<SqlAggregateState> make, bool inverse) =>
            new(name, -1, () => new TranslatedState(make()))
            {
                Strict = strict,
                Invertible = inverse,
                AsksSession = asksSession ?? function.Volatility == Volatility.Stable,
            };
        Add(new RuntimeAggregate(function, Define(function.SqliteName, create, invertible))
        {
            Moving = moving is null ? null : Define(function.SqliteName + "_moving", moving, inverse: true),
        });
    }

    /// <param name="create">Makes the table from its name and columns, which are the function's results.</param>
    public void Set(string signature, Func<PgFunction, SqlTable> create)
    {
        var function = Find(signature);
        Add(new RuntimeSet(function, create(function)));
    }

    public void Special(string signature) => Add(new SpecialForm(Find(signature)));

    /// <summary>A function that the session carries out, since it concerns the session or other ones.</summary>
    public void OfResult(string signature) => Add(new ResultFunction(Find(signature)));

    /// <summary>A function that pg_proc does not have: the lowering calls it by its name.</summary>
    public void Helper(
        string name, int arity, FunctionBody body, Purity purity = Purity.Immutable, bool strict = true, bool? asksSession = null) =>
        _functions.Add(
            new SqlFunction(name, arity, purity, Translate(body)) { Strict = strict, AsksSession = asksSession ?? purity == Purity.Stable });

    /// <summary>An aggregate that pg_proc does not have. It sees rows with nulls.</summary>
    public void HelperAggregate(string name, Func<SqlAggregateState> create) =>
        _aggregates.Add(new SqlAggregate(name, -1, () => new TranslatedState(create())));

    public void Collation(string name, CollationOrder order) => _collations.Add(new SqlCollation(name, order));

    /// <summary>A relation of the catalogs, or a set that pg_proc does not have.</summary>
    public void Table(SqlTable table) => _tables.Add(table);

    /// <summary>Everything that a connection has to know.</summary>
    public SqlExtensions ToExtensions() => new(
        [.. _implementations.Values.OfType<RuntimeFunction>().Select(f => f.Body), .. _functions],
        [
            .. _implementations.Values.OfType<RuntimeAggregate>().Select(a => a.Body),
            .. _implementations.Values.OfType<RuntimeAggregate>().Select(a => a.Moving).OfType<SqlAggregate>(),
            .. _aggregates,
        ],
        _collations,
        [.. _implementations.Values.OfType<RuntimeSet>().Select(s => s.Table), .. _tables])
    {
        TypedSchema = new TypedColumns.ColumnTypes(),
        Metadata = Catalog.MetadataSchema.Statements.Where(static text => text.StartsWith("CREATE TABLE", StringComparison.Ordinal)).ToHashSet(),

        // Tables are not wrapped as functions are.
        Translate = static exception => exception is TypeException e ? Failure(e) : null,
    };

    private static SqlFunction Define(PgFunction function, FunctionBody body, bool? asksSession)
    {
        var purity = function.Volatility switch
        {
            Volatility.Immutable => Purity.Immutable,
            Volatility.Stable => Purity.Stable,
            _ => Purity.Volatile,
        };

        // VARIADIC of a type is one argument, an array; VARIADIC "any" is any number.
        var arity = function.VariadicType == PgTypes.Any ? -1 : function.Arguments.Count + (ArgumentTypes.AreCarriedBy(function) ? 1 : 0);
        return new SqlFunction(function.SqliteName, arity, purity, Translate(body))
        {
            Strict = function.Strict,
            AsksSession = asksSession ?? purity == Purity.Stable,
        };
    }

    /// <summary>Gives errors of values the form that Storage knows.</summary>
    internal static FunctionBody Translate(FunctionBody body) => (in FunctionCall call) =>
    {
        try
        {
            body(call);
        }
        catch (TypeException e)
        {
            throw Failure(e);
        }
    };

    private static SqlFunctionException Failure(TypeException e) => new(e.SqlState, e.Message, e.Detail, e.Hint);

    private static PgFunction Find(string signature) =>
        Builtins.FindFunction(signature) ?? throw new InvalidOperationException($"pg_proc has no {signature}.");

    private void Add(Implementation implementation)
    {
        if (!_implementations.TryAdd(implementation.Function.Oid, implementation))
        {
            throw new InvalidOperationException($"{implementation.Function.Signature} has two implementations.");
        }
    }

    private sealed class TranslatedState(SqlAggregateState state) : SqlAggregateState
    {
        public override void Step(in FunctionCall call)
        {
            try
            {
                state.Step(call);
            }
            catch (TypeException e)
            {
                throw Failure(e);
            }
        }

        public override void Answer(in FunctionCall call)
        {
            try
            {
                state.Answer(call);
            }
            catch (TypeException e)
            {
                throw Failure(e);
            }
        }

        public override void Inverse(in FunctionCall call)
        {
            try
            {
                state.Inverse(call);
            }
            catch (TypeException e)
            {
                throw Failure(e);
            }
        }
    }
}
