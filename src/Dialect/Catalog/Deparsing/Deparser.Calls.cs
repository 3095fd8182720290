using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Catalog.Deparsing;

/// <content>Calls of functions, aggregates and window functions.</content>
internal sealed partial class Deparser
{
    private void WriteFunction(FuncExpr e, bool showImplicit)
    {
        switch (e.Form)
        {
            case CallForm.ImplicitCast or CallForm.ExplicitCast:
                WriteCoercion(e, e.Arguments[0], e.Form, CastType(e), showImplicit);
                return;
            case CallForm.Syntax when TryWriteSyntax(e):
                return;
        }

        Add(NameOf(e.Function));
        Add('(');
        for (var i = 0; i < e.Arguments.Count; i++)
        {
            Add(i > 0 ? ", " : "");
            Add(e.Variadic && i == e.Arguments.Count - 1 ? "VARIADIC " : "");
            Write(e.Arguments[i], showImplicit: true);
        }

        Add(')');
    }

    /// <summary>The type of a cast with its modifier, which a function that applies a length has as its second argument.</summary>
    private static PgType CastType(FuncExpr e) => e.Arguments.Count >= 2 && e.Arguments[1] is Const { Type.Oid: PgTypes.Int4, Text: { } modifier }
        ? e.Type with { Modifier = (int)Integers.ParseInt8(System.Text.Encoding.ASCII.GetBytes(modifier)) }
        : e.Type with { Modifier = -1 };

    private bool TryWriteSyntax(FuncExpr e)
    {
        switch (e.Syntax)
        {
            case CallSyntax.AtTimeZone when e.Arguments.Count == 2:
                // The zone is the first argument of the function.
                Add('(');
                WriteWithin(e.Arguments[1], showImplicit: true, e);
                Add(" AT TIME ZONE ");
                WriteWithin(e.Arguments[0], showImplicit: true, e);
                Add(')');
                return true;
            case CallSyntax.Overlaps when e.Arguments.Count == 4:
                Add("((");
                WriteList([e.Arguments[0], e.Arguments[1]], showImplicit: false);
                Add(") OVERLAPS (");
                WriteList([e.Arguments[2], e.Arguments[3]], showImplicit: false);
                Add("))");
                return true;
            case CallSyntax.Extract when e.Arguments is [Const { Text: { } field }, var source]:
                Add($"EXTRACT({field} FROM ");
                Write(source, showImplicit: false);
                Add(')');
                return true;
            case CallSyntax.IsNormalized:
                Add('(');
                Write(e.Arguments[0], showImplicit: false);
                Add(e.Arguments is [_, Const { Text: { } form }] ? $" IS {form} NORMALIZED)" : " IS NORMALIZED)");
                return true;
            case CallSyntax.Normalize:
                Add("NORMALIZE(");
                Write(e.Arguments[0], showImplicit: false);
                Add(e.Arguments is [_, Const { Text: { } normalForm }] ? $", {normalForm})" : ")");
                return true;
            case CallSyntax.CollationFor:
                WriteWords("COLLATION FOR (", e.Arguments[0]);
                return true;
            case CallSyntax.Position when e.Arguments.Count == 2:
                Add("POSITION((");
                Write(e.Arguments[1], showImplicit: false);
                Add(") IN (");
                Write(e.Arguments[0], showImplicit: false);
                Add("))");
                return true;
            case CallSyntax.Overlay:
                WriteParts(e, "OVERLAY(", " PLACING ", " FROM ", " FOR ");
                return true;
            case CallSyntax.Substring when e.Arguments[1].Type.Oid == PgTypes.Int4:
                WriteParts(e, "SUBSTRING(", " FROM ", " FOR ");
                return true;
            case CallSyntax.SubstringSimilar:
                WriteParts(e, "SUBSTRING(", " SIMILAR ", " ESCAPE ");
                return true;
            case CallSyntax.TrimBoth or CallSyntax.TrimLeading or CallSyntax.TrimTrailing:
                WriteTrim(e);
                return true;
            default:
                return false;
        }
    }

    private void WriteWords(string begin, BoundExpression value)
    {
        Add(begin);
        Write(value, showImplicit: false);
        Add(')');
    }

    private void WriteParts(FuncExpr e, string begin, params ReadOnlySpan<string> words)
    {
        Add(begin);
        for (var i = 0; i < e.Arguments.Count; i++)
        {
            Add(i > 0 ? words[i - 1] : "");
            Write(e.Arguments[i], showImplicit: false);
        }

        Add(')');
    }

    private void WriteTrim(FuncExpr e)
    {
        Add(e.Syntax switch { CallSyntax.TrimBoth => "TRIM(BOTH", CallSyntax.TrimLeading => "TRIM(LEADING", _ => "TRIM(TRAILING" });
        if (e.Arguments.Count == 2)
        {
            Add(' ');
            Write(e.Arguments[1], showImplicit: false);
        }

        Add(" FROM ");
        Write(e.Arguments[0], showImplicit: false);
        Add(')');
    }

    private void WriteAggregate(Aggref e)
    {
        Add(NameOf(e.Function));
        Add('(');
        Add(e.Distinct.Count > 0 ? "DISTINCT " : "");
        var orderedSet = e.Aggregate.Kind != 'n';
        if (orderedSet)
        {
            WriteList(e.Direct);
            Add(") WITHIN GROUP (ORDER BY ");
            WriteSort(e.OrderBy, e.Arguments, numbers: false);
        }
        else
        {
            Add(e.Star ? "*" : "");
            BoundExpression[] arguments = e.Star ? [] : [.. e.Arguments.Where(argument => !argument.Junk).Select(argument => argument.Value)];
            for (var i = 0; i < arguments.Length; i++)
            {
                Add(i > 0 ? ", " : "");
                Add(e.Variadic && i == arguments.Length - 1 ? "VARIADIC " : "");
                Write(arguments[i], showImplicit: true);
            }

            if (e.OrderBy.Count > 0)
            {
                Add(" ORDER BY ");
                WriteSort(e.OrderBy, e.Arguments, numbers: false);
            }
        }

        WriteFilter(e.Filter);
        Add(')');
    }

    // The parenthesis of the arguments is closed here, or by the caller where there is no filter.
    private void WriteFilter(BoundExpression? filter)
    {
        if (filter is not null)
        {
            Add(") FILTER (WHERE ");
            Write(filter, showImplicit: false);
        }
    }

    private void WriteWindowCall(WindowFunc e)
    {
        Add(NameOf(e.Function));
        Add('(');
        if (e.Star)
        {
            Add('*');
        }
        else
        {
            WriteList(e.Arguments);
        }

        WriteFilter(e.Filter);
        Add(") OVER ");
        var query = _queries[^1].Query!;
        var window = query.Windows[e.Window];
        if (window.Name is { } name)
        {
            Add(Identifiers.Quote(name));
        }
        else
        {
            WriteWindow(window, query);
        }
    }

    private void WriteWindow(BoundWindow window, BoundQuery query)
    {
        Add('(');
        var separator = "";
        if (window.Base is { } name)
        {
            Add(Identifiers.Quote(name));
            separator = " ";
        }

        // Clauses of the window that this one refers to are not repeated.
        if (window.PartitionBy.Count > 0 && window.Base is null)
        {
            Add($"{separator}PARTITION BY ");
            WriteSortItems(window.PartitionBy, query.Targets);
            separator = " ";
        }

        var given = window.Base is { } other ? query.Windows.FirstOrDefault(w => w.Name == other) : null;
        if (window.OrderBy.Count > 0 && given?.OrderBy.Count is null or 0)
        {
            Add($"{separator}ORDER BY ");
            WriteSort(window.OrderBy, query.Targets, numbers: false);
            separator = " ";
        }

        if (window.Frame is { } frame)
        {
            Add(separator);
            WriteFrame(frame, window);
        }

        Add(')');
    }

    private void WriteFrame(WindowFrame frame, BoundWindow window)
    {
        Add(frame.Mode switch { FrameMode.Range => "RANGE ", FrameMode.Rows => "ROWS ", _ => "GROUPS " });
        Add(frame.End is null ? "" : "BETWEEN ");
        WriteFrameBound(frame.Start, window.StartOffset);
        if (frame.End is { } end)
        {
            Add(" AND ");
            WriteFrameBound(end, window.EndOffset);
        }

        Add(frame.Exclusion switch
        {
            FrameExclusion.CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion.Group => " EXCLUDE GROUP",
            FrameExclusion.Ties => " EXCLUDE TIES",
            _ => "",
        });
    }

    private void WriteFrameBound(FrameBound bound, BoundExpression? offset)
    {
        if (offset is not null)
        {
            Write(offset, showImplicit: false);
        }

        Add(bound.Kind switch
        {
            FrameBoundKind.UnboundedPreceding => "UNBOUNDED PRECEDING",
            FrameBoundKind.UnboundedFollowing => "UNBOUNDED FOLLOWING",
            FrameBoundKind.Preceding => " PRECEDING",
            FrameBoundKind.Following => " FOLLOWING",
            _ => "CURRENT ROW",
        });
    }
}
