using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// Writes one statement. Every relation gets an alias of its own, <c>_1</c> and up, so that columns are never ambiguous; the columns of queries are
/// called <c>c1</c> and up. Values are in their stored forms throughout.
/// </summary>
internal sealed partial class QueryLowering(LoweringContext context)
{
    /// <summary>SQLite's limits on a join and on parameters; beyond them is 54000.</summary>
    public const int TablesMax = 64;
    public const int ParametersMax = 32_766;
    public const int LiteralsMax = 64;

    private readonly LoweringContext _context = context;
    private readonly VolatileStages _stages = new(context);
    private readonly List<StepParameter> _parameters = [];
    private readonly Dictionary<int, int> _clientParameters = [];
    private readonly Dictionary<(int Literal, PgType Type), int> _literals = [];
    private SqlText _sql = new();
    private Scope? _scope;
    private int _aliases;
    private string _prefix = "_";
    private bool _asksSession;
    private int _moment;

    private ISchema Schema => _context.Schema;

    /// <summary>The scope whose columns are being written.</summary>
    private Scope Current => _scope ?? throw new InvalidOperationException("A column stands outside of a query.");

    public LoweredQuery Lower(BoundQuery query)
    {
        if (ChangesInWith(query))
        {
            return LowerInSteps(query, _context);
        }

        if (query.Kind == QueryKind.Delete)
        {
            AvoidNameOf(query);
            if (Cascades.ReachBack(TargetTable(query), Schema))
            {
                return LowerCascadingDelete(query);
            }
        }

        WriteStatement(query);
        return new LoweredQuery([ToStep()], 0) { AsksSession = _asksSession };
    }

    private void AvoidNameOf(BoundQuery query)
    {
        if (query.Result > 0 && query.Relations[query.Result - 1] is RelationEntry { Relation: { } target })
        {
            // RETURNING names the table itself, which no alias may hide.
            while (target.SqliteName.StartsWith(_prefix, StringComparison.Ordinal))
            {
                _prefix += "_";
            }
        }
    }

    private void WriteStatement(BoundQuery query)
    {
        AvoidNameOf(query);
        switch (query.Kind)
        {
            case QueryKind.Select:
                WriteQuery(query, _root);
                break;
            case QueryKind.Insert:
                WriteInsert(query);
                break;
            case QueryKind.Update:
                WriteUpdate(query);
                break;
            default:
                WriteDelete(query);
                break;
        }
    }

    public string LowerExpression(BoundExpression expression, Relation? table)
    {
        var relations = table is null
            ? []
            : new[]
            {
                new RelationNames(
                    new RelationEntry(null, table.Name, [.. table.Attributes.Select(a => a.Name)], table, false), "",
                    [.. table.Attributes.Select(a => SqlText.Quoted(a.Name))]),
            };
        _scope = new Scope(new BoundQuery(QueryKind.Select) { Relations = [.. relations.Select(r => r.Entry)] }, null, relations);
        WriteRoot(expression);
        return _sql.ToString();
    }

    private string NextAlias() => $"{_prefix}{++_aliases}";

    /// <summary>Writes an expression that stands in a clause.</summary>
    private void WriteRoot(BoundExpression expression)
    {
        var saved = _sql.BeginRoot();
        Write(expression);
        _sql.EndRoot(saved);
    }

    /// <summary>Takes a parameter of the client's.</summary>
    private void WriteParameter(Param parameter)
    {
        if (!_clientParameters.TryGetValue(parameter.Number, out var index))
        {
            index = AddParameter(new StepParameter(parameter.Number, null, parameter.Type));
            _clientParameters.Add(parameter.Number, index);
        }

        _sql.Add("?").Add(index);
    }

    /// <summary>Writes a constant as a parameter if its literal may be lifted here.</summary>
    private bool TryLift(Const constant)
    {
        if (_context.Lifting is not { } lifting || constant.Lift < 0)
        {
            return false;
        }

        var key = (constant.Lift, constant.Type);
        if (_lifted == LiftingMode.None || !lifting.MayLift(constant) || (!_literals.ContainsKey(key) && _literals.Count >= LiteralsMax))
        {
            lifting.Fix(constant);
            return false;
        }

        if (!_literals.TryGetValue(key, out var index))
        {
            // The text has the value with its modifier.
            index = AddParameter(new StepParameter(0, constant, new PgType(StoredTypes.Carried(constant.Type, Schema).Oid)));
            _literals.Add(key, index);
        }

        _sql.Add("?").Add(index);
        return true;
    }

    /// <summary>The text of a constant on which the statement's form depends; null for what is none.</summary>
    private string? Known(BoundExpression expression)
    {
        if (expression is not Const { Text: { } text } constant)
        {
            return null;
        }

        _context.Lifting?.Fix(constant);
        return text;
    }

    /// <summary>Writes the moment of the statement.</summary>
    private void WriteMoment()
    {
        if (_moment == 0)
        {
            _moment = AddParameter(StepParameter.Moment);
        }

        _sql.Add("?").Add(_moment);
    }

    private int AddParameter(StepParameter parameter)
    {
        if (_parameters.Count >= ParametersMax)
        {
            throw new DialectException(SqlState.ProgramLimitExceeded, $"a statement can have at most {ParametersMax} parameters");
        }

        _parameters.Add(parameter);
        return _parameters.Count;
    }

    private DialectException NotSupported(string what, Location location) =>
        new(SqlState.FeatureNotSupported, $"{what} is not supported", _context.Position(location));

    private DialectException AreNotSupported(string what, Location location) =>
        new(SqlState.FeatureNotSupported, $"{what} are not supported", _context.Position(location));
}
