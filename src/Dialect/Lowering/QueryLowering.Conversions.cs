using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Conversions between types.</content>
internal sealed partial class QueryLowering
{
    private void WriteRelabel(RelabelExpr relabel)
    {
        var source = StoredTypes.Carried(relabel.Argument.Type, Schema).Oid;
        var target = StoredTypes.Carried(relabel.Type, Schema).Oid;
        switch (source, target)
        {
            case (PgTypes.Text or PgTypes.VarChar, PgTypes.BpChar):
                // char(n) is stored without blanks at its end.
                WriteCall("rtrim(", relabel.Argument, ", ' ')");
                break;
            case (PgTypes.Int4, _) when IsOid(target):
                _sql.Add("(");
                Write(relabel.Argument);
                _sql.Add(" & 4294967295)");
                break;
            case (_, PgTypes.Int4) when IsOid(source):
                // The upper half of the OIDs are negative numbers.
                WriteCall("pg_oid_int4(", relabel.Argument, ")");
                break;
            case (PgTypes.Cidr, PgTypes.Inet):
                WriteThroughText(relabel.Argument, relabel.Type);
                break;
            default:
                Write(relabel.Argument);
                break;
        }
    }

    private static bool IsOid(uint type) =>
        type == PgTypes.Oid || (PgTypes.Find(type) is { } info && info.InputFunction.StartsWith("reg", StringComparison.Ordinal));

    private void WriteCall(string before, BoundExpression argument, string after)
    {
        _sql.Add(before);
        Write(argument);
        _sql.Add(after);
    }

    private void WriteCoerceViaIO(CoerceViaIOExpr coercion)
    {
        if (IsOncePerStatement(coercion) && !_once)
        {
            WriteOnce(() => WriteThroughText(coercion.Argument, coercion.Type));
            return;
        }

        WriteThroughText(coercion.Argument, coercion.Type);
    }

    /// <summary>The source's output function, then the target's input function.</summary>
    private void WriteThroughText(BoundExpression value, PgType target)
    {
        var source = StoredTypes.Carried(value.Type, Schema);
        var isText = IsText(source.Oid);
        var carried = StoredTypes.Carried(target, Schema);
        if (StoredTypes.IsEnum(StoredTypes.Base(target, Schema).Oid, Schema))
        {
            WriteEnumInput(value, isText, StoredTypes.Base(target, Schema));
            return;
        }

        if (IsText(carried.Oid) && carried.Modifier < 0)
        {
            WriteText(value, source, isText);
            return;
        }

        _asksSession |= DependsOnSession(carried.Oid);
        _sql.Add(DependsOnSession(carried.Oid) ? "pg_read_session(" : "pg_read(").Add(carried.Oid).Add(", ").Add(carried.Modifier).Add(", ");
        _sql.Enter();
        WriteText(value, source, isText);
        _sql.Leave();
        _sql.Add(")");
    }

    private static bool IsText(uint type) => type is PgTypes.Text or PgTypes.VarChar or PgTypes.Unknown or PgTypes.CString;

    /// <summary>A value as its type's output function writes it.</summary>
    private void WriteText(BoundExpression value, PgType source, bool isText)
    {
        if (isText)
        {
            Write(value);
            return;
        }

        _asksSession |= DependsOnSession(source.Oid);
        _sql.Add(DependsOnSession(source.Oid) ? "pg_write_session(" : "pg_write(").Add(source.Oid).Add(", ").Add(source.Modifier).Add(", ");
        Write(value);
        _sql.Add(")");
    }

    /// <summary>Types whose text depends on settings of the session, the moment or the names of objects.</summary>
    internal static bool DependsOnSession(uint type)
    {
        if (PgTypes.ElementOf(type) is var element and not 0)
        {
            type = element;
        }

        if (PgTypes.Find(type) is { RangeSubtype: var subtype and not 0 })
        {
            type = subtype;
        }

        return type is PgTypes.Date or PgTypes.Time or PgTypes.TimeTz or PgTypes.Timestamp or PgTypes.TimestampTz or PgTypes.Interval
            or PgTypes.Float4 or PgTypes.Float8 or PgTypes.Bytea or PgTypes.TsMultirange or PgTypes.TstzMultirange or PgTypes.DateMultirange
            || (PgTypes.Find(type) is { } info && info.InputFunction.StartsWith("reg", StringComparison.Ordinal));
    }

    private void WriteEnumInput(BoundExpression value, bool isText, PgType type)
    {
        var info = Schema.FindType(type.Oid)!;
        WriteLetUnlessSimple(new Fragment("", new PgType(PgTypes.Text)), value, isText, tested =>
        {
            _sql.Add("(CASE WHEN ");
            Write(tested);
            _sql.Add(" IS NULL OR ");
            Write(tested);
            _sql.Add(" IN (");
            for (var i = 0; i < info.Labels.Count; i++)
            {
                _sql.Add(i > 0 ? ", " : "").Literal(info.Labels[i].Label);
            }

            _sql.Add(") THEN ");
            Write(tested);
            _sql.Add(" ELSE pg_raise('22P02', 'invalid input value for enum ' || ").Literal(SqlText.Shown(info.Name)).Add(" || ': \"' || ");
            Write(tested);
            _sql.Add(" || '\"') END)");
        });
    }

    private void WriteLetUnlessSimple(Fragment text, BoundExpression value, bool isText, Action<BoundExpression> write)
    {
        BoundExpression source = isText ? value : new CoerceViaIOExpr(value, CallForm.ImplicitCast, text.Type, 0, value.Location);
        _sql.Enter(4);
        if (IsSimple(source))
        {
            write(source);
        }
        else
        {
            WriteLet(source, write);
        }

        _sql.Leave(4);
    }

    private void WriteCoerceToDomain(CoerceToDomainExpr coercion)
    {
        var checks = new List<(TypeInfo Domain, DomainCheck? Check)>();
        for (var oid = coercion.Type.Oid; Schema.FindType(oid) is { Kind: 'd' } domain; oid = domain.Base.Oid)
        {
            // The base domain's constraints are checked first.
            var own = new List<(TypeInfo, DomainCheck?)>();
            if (domain.NotNull)
            {
                own.Add((domain, null));
            }

            if (domain.Constraints.Any(c => c.Type == ConstraintType.Check))
            {
                var conditions = _context.DomainChecks?.Invoke(domain) ?? throw NotSupported($"domain {domain.Name} here", coercion.Location);
                own.AddRange(conditions.Select(check => (domain, (DomainCheck?)check)));
            }

            checks.InsertRange(0, own);
        }

        if (checks.Count == 0)
        {
            Write(coercion.Argument);
            return;
        }

        _sql.Enter(3);
        WriteLet(coercion.Argument, value => WriteTesting(value, () =>
        {
            _sql.Add("CASE");
            foreach (var (domain, check) in checks)
            {
                _sql.Add(" WHEN ");
                if (check is null)
                {
                    Write(value);
                    _sql.Add(" IS NULL THEN pg_raise('23502', ")
                        .Literal($"domain {SqlText.Shown(domain.Name)} does not allow null values");
                }
                else
                {
                    Write(check.Condition);
                    _sql.Add(" IS FALSE THEN pg_raise('23514', ").Literal(
                        $"value for domain {SqlText.Shown(domain.Name)} violates check constraint \"{check.Name}\"");
                }

                _sql.Add(")");
            }

            _sql.Add(" ELSE ");
            Write(value);
            _sql.Add(" END");
        }));
        _sql.Leave(3);
    }

    private void WriteArrayCoerce(ArrayCoerceExpr coercion)
    {
        if (coercion.Element is CaseTestExpr || coercion.Element is RelabelExpr { Argument: CaseTestExpr } relabel && IsSameForm(relabel))
        {
            Write(coercion.Argument);
            return;
        }

        if (_context.InDefinition)
        {
            throw AreNotSupported("conversions of arrays in definitions of the schema", coercion.Location);
        }

        // The elements are converted one by one and put into an array of the same dimensions.
        var source = StoredTypes.ElementOf(coercion.Argument.Type, Schema);
        var elements = NextAlias();
        RequireMovable(coercion.Argument, intoAggregate: false);
        WriteLetValue(coercion.Argument, array =>
        {
            _sql.Add("pg_array_like(");
            Write(array);
            _sql.Add(", (SELECT pg_collect(");
            var saved = _tested;
            _tested = new Fragment(elements + ".value", new PgType(source));
            Write(coercion.Element);
            _tested = saved;
            _sql.Add(") FROM pg_elements(");
            Write(array);
            _sql.Add(", ").Add(StoredTypes.Carried(new PgType(source), Schema).Oid).Add(") AS ").Add(elements).Add("))");
        });
    }

    private static bool IsSameForm(RelabelExpr relabel) =>
        !(relabel.Type.Oid == PgTypes.BpChar || IsOid(relabel.Type.Oid) || IsOid(relabel.Argument.Type.Oid) || relabel.Type.Oid == PgTypes.Inet);

    /// <summary>Writes what needs a value several times.</summary>
    private void WriteLetValue(BoundExpression value, Action<BoundExpression> write)
    {
        _sql.Enter(2);
        if (IsSimple(value))
        {
            write(value);
        }
        else
        {
            WriteLet(value, write);
        }

        _sql.Leave(2);
    }
}
