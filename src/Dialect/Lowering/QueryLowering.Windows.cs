using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Windows and the functions over them.</content>
internal sealed partial class QueryLowering
{
    private static readonly HashSet<string> s_windowFunctions = new(StringComparer.Ordinal)
    {
        "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "first_value", "last_value", "nth_value",
    };

    private void WriteWindowFunction(WindowFunc call)
    {
        if (call.Function.Arguments is [PgTypes.AnyEnum])
        {
            WriteEnumExtreme(call.Function, call.Arguments[0], () =>
            {
                WriteFilterClause(call.Filter);
                _sql.Add(" OVER w").Add(call.Window + 1);
            });
            return;
        }

        if (call.Aggregate is null)
        {
            WriteProperWindowFunction(call);
        }
        else
        {
            WriteWindowAggregate(call);
        }

        WriteFilterClause(call.Filter);
        _sql.Add(" OVER w").Add(call.Window + 1);
    }

    private void WriteProperWindowFunction(WindowFunc call)
    {
        if (!s_windowFunctions.Contains(call.Function.Name))
        {
            throw Refused(call.Function, call.Location);
        }

        if (_context.Volatile && call.Arguments.FirstOrDefault(Trees.IsVolatile) is { } argument)
        {
            // PostgreSQL computes the arguments for the rows that the function looks at, and each time.
            throw AreNotSupported($"volatile arguments of {call.Function.Name}", argument.Location);
        }

        var checkedArgument = call.Function.Name switch
        {
            "ntile" => (0, "pg_ntile("),
            "nth_value" => (1, "pg_nth("),
            _ => (-1, ""),
        };
        _sql.Add(call.Function.Name).Add("(");
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            if (i == checkedArgument.Item1 && call.Arguments[i] is not Const)
            {
                WriteCall(checkedArgument.Item2, call.Arguments[i], ")");
                continue;
            }

            CheckWindowArgument(call, i);
            Write(call.Arguments[i]);
        }

        _sql.Add(")");
    }

    private void CheckWindowArgument(WindowFunc call, int argument)
    {
        if (call.Arguments[argument] is not Const { Text: var text })
        {
            return;
        }

        var positive = text is not null && !text.StartsWith('-') && text != "0";
        switch (call.Function.Name)
        {
            case "ntile" when text is not null && !positive:
                throw new DialectException(SqlState.InvalidArgumentForNtileFunction, "argument of ntile must be greater than zero");
            case "nth_value" when argument == 1 && text is not null && !positive:
                throw new DialectException(SqlState.InvalidArgumentForNthValueFunction, "argument of nth_value must be greater than zero");
            case "ntile" or "nth_value" when text is null && (argument == 1 || call.Function.Name == "ntile"):
                throw NotSupported($"{call.Function.Name} of NULL", call.Location);
            default:
                break;
        }
    }

    private void WriteWindowAggregate(WindowFunc call)
    {
        var arguments = call.Arguments;
        if (call.Star)
        {
            _sql.Add("count(*)");
            return;
        }

        if (call.Function.Name == "count")
        {
            WriteCall("count(", arguments[0], ")");
            return;
        }

        switch (Implementations.Find(call.Function.Oid))
        {
            case NativeAggregate native:
                WriteTemplateBody(native.Template, arguments);
                break;
            case RuntimeAggregate runtime when runtime.Over(Moves(Current.Query.Windows[call.Window].Frame)) is { } body:
                _sql.Name(body.Name).Add("(");
                WriteArguments(call.Function, arguments, false, carriesTypes: true);
                _sql.Add(")");
                break;
            case RuntimeAggregate:
                throw NotSupported($"aggregate {call.Function.Name} over a frame whose start moves", call.Location);
            default:
                throw Refused(call.Function, call.Location);
        }
    }

    /// <summary>Rows leave the frame at its start, unless all are looked at anew for EXCLUDE.</summary>
    private static bool Moves(WindowFrame? frame) =>
        frame is { Exclusion: FrameExclusion.None } && frame.Start.Kind != FrameBoundKind.UnboundedPreceding;

    private void WriteWindows(BoundQuery query)
    {
        for (var i = 0; i < query.Windows.Count; i++)
        {
            _sql.Add(i > 0 ? ", w" : " WINDOW w").Add(i + 1).Add(" AS (");
            WriteWindow(query, query.Windows[i]);
            _sql.Add(")");
        }
    }

    private void WriteWindow(BoundQuery query, BoundWindow window)
    {
        for (var i = 0; i < window.PartitionBy.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "PARTITION BY ");
            var key = TargetOf(query, window.PartitionBy[i]).Value;
            RequireOrder(key, "partitioning by");
            WriteComparable(key);
        }

        var offsets = window.StartOffset is not null || window.EndOffset is not null;
        var range = offsets && window.Frame is { Mode: FrameMode.Range };
        for (var i = 0; i < window.OrderBy.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : window.PartitionBy.Count > 0 ? " ORDER BY " : "ORDER BY ");
            var key = TargetOf(query, window.OrderBy[i]).Value;
            if (range)
            {
                WriteRangeKey(key, window);
                AddDirection(window.OrderBy[i], key);
            }
            else
            {
                WriteSortKey(key, window.OrderBy[i]);
            }
        }

        if (window.Frame is { } frame)
        {
            WriteFrame(window, frame);
        }
    }

    /// <summary>The key of RANGE with offsets, to which SQLite adds and subtracts: a number.</summary>
    private void WriteRangeKey(BoundExpression key, BoundWindow window)
    {
        switch (StoredTypes.Carried(key.Type, Schema).Oid)
        {
            case PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Float4 or PgTypes.Float8:
                WriteRoot(key);
                break;
            case PgTypes.Date or PgTypes.Time or PgTypes.Timestamp or PgTypes.TimestampTz or PgTypes.Interval when HasExactOffsets(window, key.Type):
                _sql.Add("pg_range_key(").Add(StoredTypes.Carried(key.Type, Schema).Oid).Add(", ");
                WriteRoot(key);
                _sql.Add(")");
                break;
            default:
                throw AreNotSupported($"RANGE frames with offsets over type {TypeFormat.Name(key.Type.Oid)}", key.Location);
        }
    }

    private bool HasExactOffsets(BoundWindow window, PgType key)
    {
        var zoned = StoredTypes.Carried(key, Schema).Oid == PgTypes.TimestampTz;
        return IsExact(window.StartOffset, zoned) && IsExact(window.EndOffset, zoned);
    }

    /// <summary>An interval whose length in microseconds is known: of days and less, in a zone of hours and less.</summary>
    private static bool IsExact(BoundExpression? offset, bool zoned) =>
        offset is null || (offset is Const { Text: not null, Type.Oid: PgTypes.Interval } constant
            && ReadInterval(constant.Text) is { Months: 0 } interval && (!zoned || interval.Days == 0));

    private static Types.Values.Interval ReadInterval(string text) => Types.Values.Interval.Parse(System.Text.Encoding.UTF8.GetBytes(text));

    private void WriteFrame(BoundWindow window, WindowFrame frame)
    {
        _sql.Add(frame.Mode switch { FrameMode.Range => " RANGE BETWEEN ", FrameMode.Rows => " ROWS BETWEEN ", _ => " GROUPS BETWEEN " });
        WriteBound(frame.Start.Kind, window.StartOffset, "starting");
        _sql.Add(" AND ");
        WriteBound(frame.End?.Kind ?? FrameBoundKind.CurrentRow, window.EndOffset, "ending");
        _sql.Add(frame.Exclusion switch
        {
            FrameExclusion.CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion.Group => " EXCLUDE GROUP",
            FrameExclusion.Ties => " EXCLUDE TIES",
            _ => "",
        });
    }

    private void WriteBound(FrameBoundKind kind, BoundExpression? offset, string end)
    {
        if (kind is FrameBoundKind.Preceding or FrameBoundKind.Following)
        {
            WriteFrameOffset(offset!, end);
            _sql.Add(kind == FrameBoundKind.Preceding ? " PRECEDING" : " FOLLOWING");
            return;
        }

        _sql.Add(kind switch
        {
            FrameBoundKind.UnboundedPreceding => "UNBOUNDED PRECEDING",
            FrameBoundKind.UnboundedFollowing => "UNBOUNDED FOLLOWING",
            _ => "CURRENT ROW",
        });
    }

    private void WriteFrameOffset(BoundExpression offset, string end)
    {
        while (offset is FuncExpr { Form: CallForm.ImplicitCast, Arguments: [Const or Param], Function.ReturnType: PgTypes.Int8 } cast)
        {
            offset = cast.Arguments[0];
        }

        switch (offset)
        {
            case Const { Text: null }:
                throw new DialectException(
                    SqlState.InvalidPrecedingOrFollowingSize, $"frame {end} offset must not be null");
            case Const { Text: { } text, Type.Oid: not PgTypes.Interval } when text.StartsWith('-'):
                throw new DialectException(
                    SqlState.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function");
            case Const { Text: { } text, Type.Oid: PgTypes.Interval }:
                var interval = ReadInterval(text);
                var length = ((Int128)interval.Days * 86_400_000_000) + interval.Microseconds;
                if (length < 0)
                {
                    throw new DialectException(
                        SqlState.InvalidPrecedingOrFollowingSize, "invalid preceding or following size in window function");
                }

                _sql.Add(((long)length).ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case Const or Param:
                WriteRoot(offset);
                break;
            default:
                // SQLite takes no calls here.
                throw AreNotSupported("frame offsets that are no constants", offset.Location);
        }
    }
}
