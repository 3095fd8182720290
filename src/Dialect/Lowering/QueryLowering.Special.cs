using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Functions for which the lowering knows a form of its own, by what they are in PostgreSQL's source.</content>
internal sealed partial class QueryLowering
{
    /// <summary>False for a function that goes by its implementation.</summary>
    private bool WriteSpecial(PgFunction function, NodeList<BoundExpression> arguments, FuncExpr call)
    {
        switch (function.Source)
        {
            case "pg_typeof" when _context.Volatile && Trees.IsVolatile(arguments[0]):
                WriteLet(arguments[0], value =>
                {
                    _sql.Add("iif(");
                    Write(value);
                    _sql.Add(" IS NULL, ").Add(arguments[0].Type.Oid).Add(", ").Add(arguments[0].Type.Oid).Add(")");
                });
                return true;
            case "pg_typeof":
                _sql.Add(arguments[0].Type.Oid);
                return true;
            case "pg_collation_for":
                WriteCollationName(arguments[0], call);
                return true;
            case "pg_num_nulls" or "pg_num_nonnulls" when !call.Variadic:
                WriteNullCount(arguments, function.Source == "pg_num_nulls");
                return true;
            case "int2div" or "int4div" or "int8div" or "int24div" or "int42div" or "int28div" or "int82div" or "int48div" or "int84div"
                when IsPlainDivisor(arguments[1]):
                WriteArithmetic(arguments, " / ");
                return true;
            case "int2mod" or "int4mod" or "int8mod" when IsPlainDivisor(arguments[1]):
                WriteArithmetic(arguments, " % ");
                return true;
            case "textlike" when function.Arguments[0] == PgTypes.Text:
                return WriteLike(function, arguments, call);
            case "textregexeq" when function.Arguments[0] is PgTypes.Text:
                return WriteRegularExpression(arguments);
            case "nameregexeq":
                return WriteRegularExpression(arguments);
            case "row_to_json" when arguments.Count == 1 && IsRow(arguments[0]):
                WriteRowJson(arguments[0]);
                return true;
            case "to_json" when IsRow(arguments[0]):
                WriteRowJson(arguments[0]);
                return true;
            case "record_eq" or "record_ne":
                return WriteRowEquality(arguments, function.Source == "record_eq", call.Location);
            default:
                return function.Source.StartsWith("enum_", StringComparison.Ordinal) && WriteEnumFunction(function, arguments, call);
        }
    }

    private void WriteCollationName(BoundExpression value, FuncExpr call)
    {
        var type = StoredTypes.Base(value.Type, Schema).Oid;
        if (type != PgTypes.Unknown && PgTypes.Find(type) is not { CollationOid: > 0 })
        {
            throw new DialectException(
                SqlState.DatatypeMismatch, $"collations are not supported by type {TypeFormat.Name(type)}", _context.Position(call.Location));
        }

        _sql.Add(type != PgTypes.Unknown && SchemaNames.CollationName(call.InputCollation) is { } name
            ? $"'{Identifiers.Quote(name).Replace("'", "''", StringComparison.Ordinal)}'"
            : "NULL");
    }

    private void WriteNullCount(NodeList<BoundExpression> arguments, bool nulls)
    {
        _sql.Enter(arguments.Count);
        _sql.Add("(");
        for (var i = 0; i < arguments.Count; i++)
        {
            _sql.Add(i > 0 ? " + (" : "(");
            Write(arguments[i]);
            _sql.Add(nulls ? " IS NULL)" : " IS NOT NULL)");
        }

        _sql.Add(arguments.Count == 0 ? "0)" : ")");
        _sql.Leave(arguments.Count);
    }

    /// <summary>A constant by which SQLite divides as PostgreSQL does: it is not zero, and no quotient is too large.</summary>
    private bool IsPlainDivisor(BoundExpression divisor)
    {
        while (divisor is FuncExpr { Form: CallForm.ImplicitCast, Arguments: [var argument], Function.ReturnType: PgTypes.Int8 or PgTypes.Int4 })
        {
            divisor = argument;
        }

        return divisor is Const constant && !(_lifted != LiftingMode.None && _context.Lifting?.MayLift(constant) == true)
            && Known(constant) is not (null or "0" or "-1");
    }

    private void WriteArithmetic(NodeList<BoundExpression> arguments, string op)
    {
        _sql.Add("(");
        Write(arguments[0]);
        _sql.Add(op);
        Write(arguments[1]);
        _sql.Add(")");
    }

    /// <summary>
    /// LIKE with a constant pattern over a column: what stands before the first wildcard bounds a range of an index. A pattern that is nothing but
    /// a beginning is this range.
    /// </summary>
    private bool WriteLike(PgFunction function, NodeList<BoundExpression> arguments, FuncExpr call)
    {
        if (!IsColumn(arguments[0]) || Known(arguments[1]) is not { } pattern)
        {
            return false;
        }

        var prefix = new System.Text.StringBuilder();
        var at = 0;
        for (; at < pattern.Length && pattern[at] is not ('%' or '_'); at++)
        {
            if (pattern[at] == '\\' && ++at == pattern.Length)
            {
                return false;
            }

            prefix.Append(pattern[at]);
        }

        var rest = pattern[at..];
        if (rest.Length == 0)
        {
            WriteText(arguments[0], " = ", prefix.ToString());
            return true;
        }

        if (prefix.Length == 0 || (rest != "%" && char.IsHighSurrogate(prefix[^1])))
        {
            return false;
        }

        WriteBounded(arguments[0], prefix.ToString(), rest == "%" ? null : () => WriteUnlifted(function, arguments, call));
        return true;
    }

    /// <summary>The call itself; its pattern is part of the statement's text.</summary>
    private void WriteUnlifted(PgFunction function, NodeList<BoundExpression> arguments, FuncExpr call)
    {
        var lifted = _lifted;
        _lifted = LiftingMode.None;
        WriteImplementation(function, arguments, false, call.Location);
        _lifted = lifted;
    }

    private void WriteBounded(BoundExpression column, string prefix, Action? more)
    {
        _sql.Enter(3);
        _sql.Add("(");
        WriteText(column, " >= ", prefix);
        if (NextAfter(prefix) is { } bound)
        {
            _sql.Add(" AND ");
            WriteText(column, " < ", bound);
        }

        if (more is not null)
        {
            _sql.Add(" AND ");
            more();
        }

        _sql.Add(")");
        _sql.Leave(3);
    }

    private void WriteText(BoundExpression column, string op, string text)
    {
        _sql.Add("(");
        Write(column);
        AddCollation(IsForeignText(column) ? "BINARY" : null);
        _sql.Add(op).Literal(text).Add(")");
    }

    /// <summary>The first text behind all that begin with a prefix, in the order of bytes; null if there is none.</summary>
    private static string? NextAfter(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        while (runes.Count > 0)
        {
            var last = runes[^1].Value;
            runes.RemoveAt(runes.Count - 1);
            var next = last == 0xD7FF ? 0xE000 : last + 1;
            if (next <= 0x10FFFF)
            {
                return string.Concat(runes) + char.ConvertFromUtf32(next);
            }
        }

        return null;
    }

    /// <summary>A regular expression that is one word from end to end, as clients look for names: the comparison by which an index finds it.</summary>
    private bool WriteRegularExpression(NodeList<BoundExpression> arguments)
    {
        if (!IsColumn(arguments[0]) || Known(arguments[1]) is not { } pattern)
        {
            return false;
        }

        var word = pattern.StartsWith("^(", StringComparison.Ordinal) && pattern.EndsWith(")$", StringComparison.Ordinal) ? pattern[2..^2]
            : pattern.StartsWith('^') && pattern.EndsWith('$') ? pattern[1..^1]
            : "";
        if (word.Length == 0 || !word.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            return false;
        }

        WriteText(arguments[0], " = ", word);
        return true;
    }

    private static bool IsColumn(BoundExpression expression) => expression switch
    {
        Var => true,
        RelabelExpr { Type.Oid: PgTypes.Text or PgTypes.VarChar } r => IsColumn(r.Argument) && r.Argument.Type.Oid is PgTypes.Text or PgTypes.VarChar,
        CollateExpr c => IsColumn(c.Argument),
        _ => false,
    };
}
