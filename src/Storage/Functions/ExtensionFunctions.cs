using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>Registers the functions, aggregates and collations of <see cref="SqlExtensions"/> with a connection.</summary>
internal static unsafe class ExtensionFunctions
{
    public static void Register(Connection connection, SqlExtensions extensions)
    {
        var statement = connection.Context;
        var errors = new ExtensionErrors(statement, extensions.Translate);
        foreach (var function in extensions.Functions)
        {
            var flags = Native.FunctionInnocuous | (function.Purity == Purity.Immutable ? Native.FunctionDeterministic : 0)
                | (function.Subtypes ? Native.FunctionSubtype | Native.FunctionResultSubtype : 0);
            ManagedFunction.Register(connection, function.Name, function.Arity, flags, new Bound(function, statement, errors), &Call);
        }

        foreach (var aggregate in extensions.Aggregates)
        {
            RegisterAggregate(connection, new BoundAggregate(aggregate, statement, errors));
        }

        foreach (var collation in extensions.Collations)
        {
            var handle = GCHandle.ToIntPtr(GCHandle.Alloc(collation.Order));
            fixed (byte* name = Connection.Utf8(collation.Name))
            {
                connection.Check(
                    Native.sqlite3_create_collation_v2(
                        connection.Handle, name, Native.EncodingUtf8, handle, &Compare, (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Free),
                    collation.Name);
            }
        }
    }

    private static void RegisterAggregate(Connection connection, BoundAggregate bound)
    {
        var aggregate = bound.Aggregate;
        var handle = GCHandle.ToIntPtr(GCHandle.Alloc(bound));
        fixed (byte* name = Connection.Utf8(aggregate.Name))
        {
            // Without an inverse SQLite refuses the aggregate in windows whose frame moves; with all four it may stand in any.
            connection.Check(
                Native.sqlite3_create_window_function(
                    connection.Handle, name, aggregate.Arity, Native.FunctionUtf8 | Native.FunctionInnocuous, handle, &Step, &Final,
                    &Value, &Inverse, (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Free),
                aggregate.Name);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(nint context, int count, nint* arguments)
    {
        var (function, statement, errors) = ManagedFunction.Target<Bound>(context);
        if (function.Strict && HasNull(count, arguments))
        {
            return;
        }

        var call = new FunctionCall(context, count, arguments, statement);
        try
        {
            function.Body(call);
        }
        catch (Exception e)
        {
            errors.Fail(call, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Step(nint context, int count, nint* arguments) => Change(context, count, arguments, inverse: false);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Inverse(nint context, int count, nint* arguments) => Change(context, count, arguments, inverse: true);

    private static void Change(nint context, int count, nint* arguments, bool inverse)
    {
        var (aggregate, statement, errors) = ManagedFunction.Target<BoundAggregate>(context);
        if (aggregate.Strict && HasNull(count, arguments))
        {
            return;
        }

        var call = new FunctionCall(context, count, arguments, statement);
        try
        {
            var place = (nint*)Native.sqlite3_aggregate_context(context, sizeof(nint));
            if (place == null)
            {
                call.FailWithoutMemory();
                return;
            }

            if (*place == 0)
            {
                *place = GCHandle.ToIntPtr(GCHandle.Alloc(aggregate.Create()));
            }

            var state = Unsafe.As<SqlAggregateState>(GCHandle.FromIntPtr(*place).Target!);
            if (inverse)
            {
                state.Inverse(call);
            }
            else
            {
                state.Step(call);
            }
        }
        catch (Exception e)
        {
            errors.Fail(call, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Final(nint context) => Answer(context, final: true);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Value(nint context) => Answer(context, final: false);

    private static void Answer(nint context, bool final)
    {
        var (aggregate, statement, errors) = ManagedFunction.Target<BoundAggregate>(context);
        var call = new FunctionCall(context, 0, null, statement);
        var place = (nint*)Native.sqlite3_aggregate_context(context, final ? 0 : sizeof(nint));
        var handle = place == null ? 0 : *place;
        try
        {
            // A group without rows has no state yet.
            var state = handle == 0 ? aggregate.Create() : Unsafe.As<SqlAggregateState>(GCHandle.FromIntPtr(handle).Target!);
            state.Answer(call);
        }
        catch (Exception e)
        {
            errors.Fail(call, e);
        }
        finally
        {
            if (final && handle != 0)
            {
                GCHandle.FromIntPtr(handle).Free();
                *place = 0;
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Compare(nint order, int leftLength, byte* left, int rightLength, byte* right)
    {
        var a = new ReadOnlySpan<byte>(left, leftLength);
        var b = new ReadOnlySpan<byte>(right, rightLength);
        try
        {
            return Unsafe.As<CollationOrder>(GCHandle.FromIntPtr(order).Target!)(a, b);
        }
        catch (Exception)
        {
            // SQLite has no error for a comparison. Texts that are no values have the order of their bytes.
            return a.SequenceCompareTo(b);
        }
    }

    private static bool HasNull(int count, nint* arguments)
    {
        for (var i = 0; i < count; i++)
        {
            if (Native.sqlite3_value_type(arguments[i]) == (int)StorageClass.Null)
            {
                return true;
            }
        }

        return false;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint handle) => GCHandle.FromIntPtr(handle).Free();

    private sealed record Bound(SqlFunction Function, StatementContext Statement, ExtensionErrors Errors);

    private sealed record BoundAggregate(SqlAggregate Aggregate, StatementContext Statement, ExtensionErrors Errors);
}
