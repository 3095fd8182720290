namespace Rqlite.Pg.Access;

/// <summary>One login, as the throttle sees it.</summary>
public sealed class LoginAttempt
{
    private readonly LoginThrottle _throttle;
    private readonly LoginThrottle.Key _user;
    private readonly LoginThrottle.Key _address;
    private bool _hasTurn;

    internal LoginAttempt(LoginThrottle throttle, LoginThrottle.Key user, LoginThrottle.Key address) =>
        (_throttle, _user, _address) = (throttle, user, address);

    /// <summary>
    /// Waits for the login's turn, which it gets once. Called when the login begins, and again right before its password is judged: others that
    /// have begun at the same time may have failed meanwhile.
    /// </summary>
    /// <returns>False if the turn is too far away: the login is to be refused.</returns>
    public async ValueTask<bool> EnterAsync(CancellationToken token)
    {
        if (_hasTurn)
        {
            return true;
        }

        if (_throttle.Reserve(_user, _address) is not { } wait)
        {
            return false;
        }

        _hasTurn = wait > TimeSpan.Zero;
        await _throttle.WaitAsync(wait, token).ConfigureAwait(false);
        return true;
    }

    /// <summary>True if nothing has happened since that makes the login wait.</summary>
    internal bool MayBeJudged => _hasTurn || _throttle.IsFree(_user, _address);

    /// <summary>Notes that the login has failed, and waits as long as its answer is to be delayed.</summary>
    internal ValueTask FailAsync(CancellationToken token) => _throttle.WaitAsync(NoteFailure(), token);

    internal TimeSpan NoteFailure() => _throttle.NoteFailure(_user, _address);

    /// <summary>Forgets the failures of a user who has logged in, and those of the address.</summary>
    internal void Succeed() => _throttle.Forget(_user, _address);
}
