// SPDX-License-Identifier: Apache-2.0
//! The front-end of rust-vmm's `vhost` crate, which Cloud Hypervisor uses,
//! against a real vhost-user-input: each method of it once with NEED_REPLY and
//! once without, and an event that arrives in a ring.
//!
//! usage: rust-vmm-frontend VHOST-USER-INPUT SPEC
//!
//! The crate reads replies of exactly the size it expects, and waits for ever
//! for one that is shorter: so each step has a time limit.
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::time::{Duration, Instant};

use vhost::vhost_user::message::{
    FrontendReq, VhostTransferStateDirection, VhostTransferStatePhase, VhostUserConfigFlags,
    VhostUserHeaderFlag, VhostUserInflight,
};
use vhost::vhost_user::{
    Frontend, FrontendReqHandler, HandlerResult, VhostUserFrontend, VhostUserFrontendReqHandler,
};
use vhost::{VhostBackend, VhostUserDirtyLogRegion, VhostUserMemoryRegionInfo, VringConfigData};
use vmm_sys_util::eventfd::{EventFd, EFD_NONBLOCK};

type Outcome = Result<(), Box<dyn Error>>;

const TIME_LIMIT: Duration = Duration::from_secs(20);

const VIRTIO_F_EVENT_IDX: u64 = 1 << 29;
const VIRTIO_F_VERSION_1: u64 = 1 << 32;
const VHOST_F_LOG_ALL: u64 = 1 << 26;
const VHOST_USER_F_PROTOCOL_FEATURES: u64 = 1 << 30;

const EVENTQ: usize = 0;
const STATUSQ: usize = 1;

// The shared memory is one region: the eventq's ring and buffers, then the
// statusq's ring.
const MEMORY: u64 = 1 << 20;
const USER_ADDR: u64 = 0x7000_0000_0000;
const RING: [u64; 2] = [0x1000, 0x8000];
const AVAIL: u64 = 0x1000;
const USED: u64 = 0x2000;
const BUFFERS: u64 = 0x4000;
const QUEUE_SIZE: u16 = 8;
const LOG_SIZE: u64 = MEMORY / 4096 / 8;

struct Server {
    child: Arc<Mutex<Child>>,
    dir: PathBuf,
}

impl Server {
    fn start(program: &str, spec: &str, options: &[&str]) -> Result<Server, Box<dyn Error>> {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let n = STARTED.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("rust-vmm-{}-{n}", std::process::id()));
        std::fs::create_dir(&dir)?;
        let mut child = Command::new(program)
            .arg(format!("--spec={spec}"))
            .arg(format!("--socket-path={}", dir.join("vmm").display()))
            .arg(format!("--inject-path={}", dir.join("inject").display()))
            .arg("--verbosity=warning")
            .arg("--ready-fd=1")
            .args(options)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut ready = child.stdout.take().ok_or("no pipe")?;
        let child = Arc::new(Mutex::new(child));
        let server = Server { child, dir };
        ready
            .read_exact(&mut [0])
            .map_err(|_| "the server does not start")?;
        Ok(server)
    }

    fn frontend(&self) -> Result<Frontend, Box<dyn Error>> {
        let socket = UnixStream::connect(self.dir.join("vmm"))?;
        Ok(Frontend::from_stream(socket, 2))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap();
        let _ = child.kill();
        let _ = child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn key_a(value: u8) -> [u8; 8] {
    [1, 0, 30, 0, value, 0, 0, 0]
}

/// A file without a name in shared memory: userfaultfd takes no other.
fn shared_file(server: &Server, len: u64) -> Result<File, Box<dyn Error>> {
    let name = server.dir.file_name().ok_or("no name")?;
    let path = Path::new("/dev/shm").join(name);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    file.set_len(len)?;
    Ok(file)
}

fn pipe() -> Result<(File, File), Box<dyn Error>> {
    let (a, b) = UnixStream::pair()?;
    a.set_read_timeout(Some(TIME_LIMIT))?;
    Ok((OwnedFd::from(a).into(), OwnedFd::from(b).into()))
}

fn equal<T: PartialEq + std::fmt::Debug>(got: T, wanted: T) -> Outcome {
    match got == wanted {
        true => Ok(()),
        false => Err(format!("got {got:?}, not {wanted:?}").into()),
    }
}

struct ConfigChange;

impl VhostUserFrontendReqHandler for ConfigChange {
    fn handle_config_change(&self) -> HandlerResult<u64> {
        Ok(0)
    }
}

/// A front-end's session with what it shares.
struct Session {
    need_reply: bool,
    inject: PathBuf,
    fe: Frontend,
    memory: File,
    log: File,
    kick: [EventFd; 2],
    call: [EventFd; 2],
    failed: [EventFd; 2],
    channel: FrontendReqHandler<ConfigChange>,
}

impl Session {
    fn begin(server: &Server, need_reply: bool) -> Result<Session, Box<dyn Error>> {
        let pair = || -> std::io::Result<[EventFd; 2]> {
            Ok([EventFd::new(EFD_NONBLOCK)?, EventFd::new(EFD_NONBLOCK)?])
        };
        Ok(Session {
            need_reply,
            inject: server.dir.join("inject"),
            fe: server.frontend()?,
            memory: shared_file(server, MEMORY)?,
            log: shared_file(server, 4096)?,
            kick: pair()?,
            call: pair()?,
            failed: pair()?,
            channel: FrontendReqHandler::new(Arc::new(ConfigChange))?,
        })
    }

    fn region(&self) -> VhostUserMemoryRegionInfo {
        VhostUserMemoryRegionInfo {
            guest_phys_addr: 0,
            memory_size: MEMORY,
            userspace_addr: USER_ADDR,
            mmap_offset: 0,
            mmap_handle: self.memory.as_raw_fd(),
        }
    }

    /// A second region, behind the first.
    fn other_region(&self) -> VhostUserMemoryRegionInfo {
        VhostUserMemoryRegionInfo {
            guest_phys_addr: MEMORY,
            userspace_addr: USER_ADDR + MEMORY,
            ..self.region()
        }
    }

    fn negotiate(&mut self) -> Outcome {
        let offered = self.fe.get_features()?;
        let wanted = VIRTIO_F_VERSION_1
            | VIRTIO_F_EVENT_IDX
            | VHOST_F_LOG_ALL
            | VHOST_USER_F_PROTOCOL_FEATURES;
        equal(offered & wanted, wanted)?;
        self.fe.set_owner()?;
        let protocol = self.fe.get_protocol_features()?;
        self.fe.set_protocol_features(protocol)?;
        if self.need_reply {
            self.fe.set_hdr_flags(VhostUserHeaderFlag::NEED_REPLY);
            self.channel.set_reply_ack_flag(true);
        }
        self.fe.set_features(wanted)?;
        Ok(())
    }

    fn queue_num(&mut self) -> Outcome {
        equal(self.fe.get_queue_num()?, 2)
    }

    fn max_mem_slots(&mut self) -> Outcome {
        match self.fe.get_max_mem_slots()? {
            n if n >= 32 => Ok(()),
            n => Err(format!("{n} slots").into()),
        }
    }

    /// Select the device's name (virtio 1.3 §5.8.4) and read it.
    fn config(&mut self) -> Outcome {
        let flags = VhostUserConfigFlags::WRITABLE;
        self.fe.set_config(0, flags, &[1])?;
        self.fe.set_config(1, flags, &[0])?;
        let (_, whole) = self.fe.get_config(0, 136, flags, &[0; 136])?;
        let (_, size) = self.fe.get_config(2, 1, flags, &[0; 1])?;
        equal(whole[2], size[0])?;
        equal(whole[2] > 0, true)?;
        let (_, first) = self.fe.get_config(8, 4, flags, &[0; 4])?;
        equal(&whole[8..12], &first[..])?;
        // A guest may read, and write, past the end.
        let (_, past) = self.fe.get_config(200, 4, flags, &[0xff; 4])?;
        equal(&past[..], &[0; 4])?;
        self.fe.set_config(200, flags, &[1])?;
        Ok(())
    }

    fn backend_channel(&mut self) -> Outcome {
        let fd = OwnedFd::from(UnixStream::pair()?.0);
        self.fe.set_backend_request_fd(&fd)?;
        struct Raw(i32);
        impl AsRawFd for Raw {
            fn as_raw_fd(&self) -> i32 {
                self.0
            }
        }
        self.fe
            .set_backend_request_fd(&Raw(self.channel.get_tx_raw_fd()))?;
        Ok(())
    }

    fn memory_table(&mut self) -> Outcome {
        equal(self.fe.set_mem_table(&[self.region()])?, None)
    }

    fn memory_regions(&mut self) -> Outcome {
        let other = self.other_region();
        equal(self.fe.add_mem_region(&other)?, None)?;
        self.fe.remove_mem_region(&other)?;
        Ok(())
    }

    fn log_base(&mut self) -> Outcome {
        self.fe.set_log_base(
            0,
            Some(VhostUserDirtyLogRegion {
                mmap_size: LOG_SIZE,
                mmap_offset: 0,
                mmap_handle: self.log.as_raw_fd(),
            }),
        )?;
        Ok(())
    }

    fn log_fd(&mut self) -> Outcome {
        let fd = EventFd::new(EFD_NONBLOCK)?;
        self.fe.set_log_fd(fd.as_raw_fd())?;
        Ok(())
    }

    fn inflight(&mut self) -> Outcome {
        let asked = VhostUserInflight::new(0, 0, 2, QUEUE_SIZE);
        let (inflight, file) = self.fe.get_inflight_fd(&asked)?;
        equal((inflight.num_queues, inflight.queue_size), (2, QUEUE_SIZE))?;
        self.fe.set_inflight_fd(&inflight, file.as_raw_fd())?;
        Ok(())
    }

    fn start_queue(&mut self, queue: usize) -> Outcome {
        let at = USER_ADDR + RING[queue];
        self.fe.set_vring_num(queue, QUEUE_SIZE)?;
        self.fe.set_vring_base(queue, 0)?;
        self.fe.set_vring_addr(
            queue,
            &VringConfigData {
                queue_max_size: QUEUE_SIZE,
                queue_size: QUEUE_SIZE,
                flags: 1,
                desc_table_addr: at,
                avail_ring_addr: at + AVAIL,
                used_ring_addr: at + USED,
                log_addr: Some(RING[queue] + USED),
            },
        )?;
        self.fe.set_vring_call(queue, &self.call[queue])?;
        self.fe.set_vring_err(queue, &self.failed[queue])?;
        self.fe.set_vring_kick(queue, &self.kick[queue])?;
        self.fe.set_vring_enable(queue, true)?;
        Ok(())
    }

    fn start_queues(&mut self) -> Outcome {
        self.post_buffers()?;
        self.start_queue(EVENTQ)?;
        self.start_queue(STATUSQ)
    }

    /// Make QUEUE_SIZE buffers of 8 bytes available in the eventq.
    fn post_buffers(&mut self) -> Outcome {
        let ring = RING[EVENTQ];
        for i in 0..QUEUE_SIZE {
            let addr = ring + BUFFERS + u64::from(i) * 8;
            let mut desc = Vec::new();
            desc.extend(addr.to_le_bytes());
            desc.extend(8u32.to_le_bytes());
            desc.extend(2u16.to_le_bytes()); // VIRTQ_DESC_F_WRITE
            desc.extend(0u16.to_le_bytes());
            self.memory.write_all_at(&desc, ring + u64::from(i) * 16)?;
            self.memory
                .write_all_at(&i.to_le_bytes(), ring + AVAIL + 4 + u64::from(i) * 2)?;
        }
        self.memory
            .write_all_at(&QUEUE_SIZE.to_le_bytes(), ring + AVAIL + 2)?;
        Ok(())
    }

    fn used(&self) -> Result<u16, Box<dyn Error>> {
        let mut bytes = [0; 2];
        self.memory
            .read_exact_at(&mut bytes, RING[EVENTQ] + USED + 2)?;
        Ok(u16::from_le_bytes(bytes))
    }

    /// Press and release KEY_A, a frame each.
    fn inject(&self) -> Outcome {
        let mut socket = UnixStream::connect(&self.inject)?;
        for event in [key_a(1), [0; 8], key_a(0), [0; 8]] {
            socket.write_all(&event)?;
        }
        Ok(())
    }

    /// The four events arrive, the driver is notified, and the pages written
    /// are in the log.
    fn events(&mut self) -> Outcome {
        self.inject()?;
        let deadline = Instant::now() + TIME_LIMIT;
        while self.used()? < 4 {
            if Instant::now() > deadline {
                return Err(format!("{} of 4 events arrived", self.used()?).into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut seen = [0; 32];
        self.memory
            .read_exact_at(&mut seen, RING[EVENTQ] + BUFFERS)?;
        let wanted = [key_a(1), [0; 8], key_a(0), [0; 8]].concat();
        equal(&seen[..], &wanted[..])?;
        while self.call[EVENTQ].read().is_err() {
            if Instant::now() > deadline {
                return Err("the driver was not notified".into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut log = [0; LOG_SIZE as usize];
        self.log.read_exact_at(&mut log, 0)?;
        for page in [
            (RING[EVENTQ] + USED) / 4096,
            (RING[EVENTQ] + BUFFERS) / 4096,
        ] {
            equal(log[page as usize / 8] >> (page % 8) & 1, 1)?;
        }
        Ok(())
    }

    fn stop_queues(&mut self) -> Outcome {
        equal(self.fe.get_vring_base(EVENTQ)?, 4)?;
        equal(self.fe.get_vring_base(STATUSQ)?, 0)?;
        self.fe.set_vring_enable(EVENTQ, false)?;
        self.fe.set_vring_enable(STATUSQ, false)?;
        Ok(())
    }

    /// Save the device's state and load it again.
    fn device_state(&mut self) -> Outcome {
        let stopped = VhostTransferStatePhase::STOPPED;
        let (mut ours, theirs) = pipe()?;
        let save = VhostTransferStateDirection::SAVE;
        let returned = self.fe.set_device_state_fd(save, stopped, theirs.into())?;
        equal(returned.is_none(), true)?;
        let mut state = Vec::new();
        ours.read_to_end(&mut state)?;
        equal(state.is_empty(), false)?;
        self.fe.check_device_state()?;

        let (mut ours, theirs) = pipe()?;
        let load = VhostTransferStateDirection::LOAD;
        self.fe.set_device_state_fd(load, stopped, theirs.into())?;
        ours.write_all(&state)?;
        drop(ours);
        self.fe.check_device_state()?;
        Ok(())
    }

    fn postcopy(&mut self) -> Outcome {
        let _userfaultfd = self.fe.postcopy_advise()?;
        self.fe.postcopy_listen()?;
        match self.fe.set_mem_table(&[self.region()])? {
            Some(bases) if bases.len() == 1 && bases[0] != 0 => (),
            other => return Err(format!("bases {other:?}").into()),
        }
        self.fe
            .postcopy_ack_mem_regions(FrontendReq::SET_MEM_TABLE)?;
        match self.fe.add_mem_region(&self.other_region())? {
            Some(base) if base != 0 => (),
            other => return Err(format!("base {other:?}").into()),
        }
        self.fe.postcopy_ack_mem_regions(FrontendReq::ADD_MEM_REG)?;
        // It is always answered (vhost-user: POSTCOPY_END), which the crate
        // expects only with the flag.
        self.fe.set_hdr_flags(VhostUserHeaderFlag::NEED_REPLY);
        self.fe.postcopy_end()?;
        Ok(())
    }

    fn resets(&mut self) -> Outcome {
        self.fe.reset_device()?;
        self.fe.reset_owner()?;
        Ok(())
    }

    /// It still answers, and to what was asked: no reply was left unread.
    fn in_step(&mut self) -> Outcome {
        equal(self.fe.get_queue_num()?, 2)?;
        equal(
            self.fe.get_features()? & VIRTIO_F_VERSION_1,
            VIRTIO_F_VERSION_1,
        )
    }
}

type Step = (&'static str, fn(&mut Session) -> Outcome);

const STEPS: &[Step] = &[
    ("features are negotiated", Session::negotiate),
    ("GET_QUEUE_NUM", Session::queue_num),
    ("GET_MAX_MEM_SLOTS", Session::max_mem_slots),
    ("SET_CONFIG and GET_CONFIG", Session::config),
    ("SET_BACKEND_REQ_FD", Session::backend_channel),
    ("SET_MEM_TABLE", Session::memory_table),
    ("ADD_MEM_REG and REM_MEM_REG", Session::memory_regions),
    ("SET_LOG_BASE", Session::log_base),
    ("SET_LOG_FD", Session::log_fd),
    ("GET_INFLIGHT_FD and SET_INFLIGHT_FD", Session::inflight),
    ("the messages that start a vring", Session::start_queues),
    ("events arrive and are logged", Session::events),
    ("GET_VRING_BASE", Session::stop_queues),
    (
        "SET_DEVICE_STATE_FD and CHECK_DEVICE_STATE",
        Session::device_state,
    ),
    ("RESET_DEVICE and RESET_OWNER", Session::resets),
    ("the connection is still in step", Session::in_step),
];

const POSTCOPY_STEPS: &[Step] = &[
    ("features are negotiated", Session::negotiate),
    (
        "POSTCOPY_ADVISE, LISTEN, END and their memory",
        Session::postcopy,
    ),
    ("the connection is still in step", Session::in_step),
];

/// A step with a time limit: past it the server is killed, which ends whatever
/// the front-end waits for.
fn limited(server: &Server, session: &mut Session, step: fn(&mut Session) -> Outcome) -> Outcome {
    let (done, watched) = mpsc::channel::<()>();
    let child = Arc::clone(&server.child);
    let watchdog = std::thread::spawn(move || {
        let late = watched.recv_timeout(TIME_LIMIT).is_err();
        if late {
            let _ = child.lock().unwrap().kill();
        }
        late
    });
    let outcome = step(session);
    let _ = done.send(());
    match watchdog.join() {
        Ok(true) => Err(format!("no answer in {TIME_LIMIT:?}").into()),
        _ => outcome,
    }
}

/// Return: whether all steps went well; the first that fails is the last.
fn run(server: &Server, steps: &[Step], need_reply: bool) -> Result<bool, Box<dyn Error>> {
    let mut session = Session::begin(server, need_reply)?;
    for (text, step) in steps {
        let outcome = limited(server, &mut session, *step);
        let how = if need_reply { "with" } else { "without" };
        if let Err(why) = outcome {
            println!("not ok {text}, {how} NEED_REPLY: {why}");
            return Ok(false);
        }
        println!("ok {text}, {how} NEED_REPLY");
    }
    Ok(true)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, program, spec] = &args[..] else {
        return Err("usage: rust-vmm-frontend VHOST-USER-INPUT SPEC".into());
    };
    let mut good = true;
    for need_reply in [false, true] {
        let server = Server::start(program, spec, &[])?;
        good &= run(&server, STEPS, need_reply)?;
        match Server::start(program, spec, &["--postcopy"]) {
            Ok(server) => good &= run(&server, POSTCOPY_STEPS, need_reply)?,
            Err(why) => println!("# no userfaultfd here for postcopy: {why}"),
        }
    }
    if !good {
        std::process::exit(1);
    }
    Ok(())
}
