using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>The functions that a session carries out itself: they set its settings, make it wait, or concern other sessions of its node.</summary>
internal sealed class SessionFunctions(SessionState session)
{
    // A timer's limit is 49 days; PostgreSQL's looks at the clock as often.
    private const double WaitSecondsMax = 600;

    private static readonly TimeSpan s_unlimited = TimeSpan.MaxValue;

    /// <param name="function">The name of the function in pg_catalog.</param>
    /// <param name="arguments">Not null where the function is strict.</param>
    public async ValueTask<KeptValue> CallAsync(string function, ReadOnlyMemory<KeptValue> arguments, StatementDeadline deadline)
    {
        switch (function)
        {
            case "set_config":
                return KeptValue.Of(SetConfig(arguments.Span));
            case "current_setting":
                return CurrentSetting(arguments.Span);
            case "pg_sleep":
                await SleepAsync(SecondsOf(arguments.Span[0]), deadline).ConfigureAwait(false);
                return KeptValue.Nothing;
            case "pg_sleep_for":
                await SleepAsync(Until(AfterNow(arguments.Span[0])), deadline).ConfigureAwait(false);
                return KeptValue.Nothing;
            case "pg_sleep_until":
                await SleepAsync(Until(StoredMoment.Timestamp(arguments.Span[0].Value, withZone: true)), deadline).ConfigureAwait(false);
                return KeptValue.Nothing;
            case "pg_cancel_backend":
                return KeptValue.Of(Cancel((int)arguments.Span[0].Value.Integer));
            case "pg_terminate_backend":
                return KeptValue.Of(await TerminateAsync(
                    (int)arguments.Span[0].Value.Integer, arguments.Span[1].Value.Integer, deadline).ConfigureAwait(false));
            case "pg_rotate_logfile":
                Warn("rotation not possible because log collection not active");
                return KeptValue.Of(false);
            default:
                throw new InvalidOperationException($"There is no function {function} of sessions.");
        }
    }

    private string SetConfig(ReadOnlySpan<KeptValue> arguments)
    {
        if (arguments[0].IsNull)
        {
            throw new PgException(SqlState.NullValueNotAllowed, "SET requires parameter name");
        }

        var name = arguments[0].Text;
        var value = arguments[1].IsNull ? null : arguments[1].Text;
        if (name.Equals(Settings.IdempotencyKey, StringComparison.OrdinalIgnoreCase) && (session.Block.Open || session.SharesTransaction))
        {
            throw Settings.IdempotencyKeyTooLate();
        }

        session.Settings.BeginTransaction();
        session.Memory.ReserveForTransaction(Settings.BytesOf(name, value is null ? null : [value]));
        return session.Settings.SetConfig(name, value, local: arguments[2].Value.Integer != 0);
    }

    private KeptValue CurrentSetting(ReadOnlySpan<KeptValue> arguments)
    {
        var name = arguments[0].Text;
        return session.Settings.TryShow(name, out var value) ? KeptValue.Of(value)
            : arguments.Length > 1 && arguments[1].Value.Integer != 0 ? KeptValue.Null
            : throw SettingTable.Unknown(name);
    }

    private static TimeSpan SecondsOf(in KeptValue seconds)
    {
        var number = seconds.Value.Class switch
        {
            Storage.StorageClass.Integer => seconds.Value.Integer,
            Storage.StorageClass.Real => seconds.Value.Real,

            // NaN, for which PostgreSQL does not wait.
            _ => 0,
        };
        return number >= s_unlimited.TotalSeconds ? s_unlimited : number > 0 ? TimeSpan.FromSeconds(number) : TimeSpan.Zero;
    }

    /// <summary>The clock's time as a timestamp.</summary>
    private static long Now => ((TimeProvider.System.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond)
        - (Calendar.EpochSeconds * Calendar.SecondMicroseconds);

    private long AfterNow(in KeptValue interval) =>
        DateTimeArithmetic.Add(Now, StoredMoment.Interval(interval.Value), session.Settings.Format.TimeZone);

    private static TimeSpan Until(long timestamp)
    {
        if (timestamp == long.MaxValue)
        {
            return s_unlimited;
        }

        var now = Now;
        return timestamp <= now ? TimeSpan.Zero : TimeSpan.FromMicroseconds(timestamp - now);
    }

    private static async ValueTask SleepAsync(TimeSpan time, StatementDeadline deadline)
    {
        var began = TimeProvider.System.GetTimestamp();
        await deadline.WaitAsync(async token =>
        {
            while (true)
            {
                var left = time == s_unlimited ? WaitSecondsMax : (time - TimeProvider.System.GetElapsedTime(began)).TotalSeconds;
                if (left <= 0)
                {
                    return;
                }

                var milliseconds = Math.Ceiling(Math.Min(left, WaitSecondsMax) * 1000);
                await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), token).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private bool Cancel(int processId)
    {
        if (Find(processId) is not { } other)
        {
            return false;
        }

        RequireRule(other, "the role whose query is being canceled", "cancel superuser query");
        other.Cancellation.Cancel();
        return true;
    }

    private async ValueTask<bool> TerminateAsync(int processId, long timeout, StatementDeadline deadline)
    {
        if (timeout < 0)
        {
            throw new PgException(SqlState.NumericValueOutOfRange, "\"timeout\" must not be negative");
        }

        if (Find(processId) is not { } other)
        {
            return false;
        }

        RequireRule(other, "the role whose process is being terminated", "terminate superuser process");
        other.Terminate();
        if (timeout == 0)
        {
            return true;
        }

        try
        {
            await deadline.WaitAsync(token => other.Ended.WaitAsync(TimeSpan.FromMilliseconds(Math.Min(timeout, int.MaxValue)), token))
                .ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            Warn($"backend with PID {processId} did not terminate within {timeout} milliseconds");
            return false;
        }
    }

    private void RequireRule(SessionState other, string role, string what)
    {
        if (!session.Access.Rules(other.Access))
        {
            throw new PgException(
                SqlState.InsufficientPrivilege,
                other.Access.IsSuperuserNow ? $"must be a superuser to {what}" : $"must be a member of {role} or member of pg_signal_backend");
        }
    }

    private SessionState? Find(int processId)
    {
        if (session.Context.Options.Sessions.Find(processId) is { } found)
        {
            return found;
        }

        Warn($"PID {processId} is not a PostgreSQL backend process");
        return null;
    }

    private void Warn(string message) => session.Warnings = [.. session.Warnings, message];
}
